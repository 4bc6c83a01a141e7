package dev.confab.core;

/**
 * Who reads. Called on the subscription's executor, one call at a time, in the order of the log. What it throws closes its
 * subscription and nobody else's.
 */
public interface Subscriber {
    /**
     * Whether it takes more. When false nothing is delivered until {@link Subscription#resume()}; however much is published
     * meanwhile, nothing is queued for it.
     */
    default boolean isReady() {
        return true;
    }

    /** Entries, at least one, at most {@link Limit#WRITE}. The batch continues exactly at the cursor. */
    void onBatch(Batch batch);

    /** Entries are missing; the next batch continues at {@code gap.to()}. */
    void onGap(Gap gap);

    /** The last call, when the service closes. Not called after {@link Subscription#close()}. */
    default void onClose() {}
}
