package dev.confab.core;

/** The stores and the clock that the parts of {@link MessageStoreContract} use. */
interface StoreFixture {
    /** Opens this test's store. */
    MessageStore open();

    /** The clock of the stores. */
    ManualClock clock();

    /** Whether a log outlives its store. */
    boolean isDurable();

    /** Closes {@code store} and opens it again if its log is durable; otherwise returns {@code store}. */
    default MessageStore reopen(MessageStore store) {
        if (!isDurable()) {
            return store;
        }
        store.close();
        return open();
    }
}
