package dev.confab.core;

/**
 * A reader of the log. The methods are called on the subscription's executor, one call at a time, in the order of the
 * log. An exception that a method throws closes this subscription, and no other.
 */
public interface Subscriber {
    /**
     * Returns whether the subscriber accepts more entries. After false, nothing is delivered until
     * {@link Subscription#resume()} is called. Entries that are published in the meantime are not queued for this
     * subscriber.
     */
    default boolean isReady() {
        return true;
    }

    /** Receives at least one entry, and at most {@link Limit#WRITE}. The batch continues exactly at the cursor. */
    void onBatch(Batch batch);

    /** Is notified that entries are missing. The next batch continues at {@code gap.to()}. */
    void onGap(Gap gap);

    /** Is called last, when the service closes. Is not called after {@link Subscription#close()}. */
    default void onClose() {}
}
