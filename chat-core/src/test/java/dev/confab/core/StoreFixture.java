package dev.confab.core;

/** What the parts of {@link MessageStoreContract} need. */
interface StoreFixture {
    /** This test's store. */
    MessageStore open();

    /** The clock of the stores. */
    ManualClock clock();

    /** Whether a log outlives its store. */
    boolean isDurable();

    /** {@code store}, closed and opened again where its log outlives that. */
    default MessageStore reopen(MessageStore store) {
        if (!isDurable()) {
            return store;
        }
        store.close();
        return open();
    }
}
