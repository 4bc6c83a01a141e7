package dev.confab.core;

/**
 * Learns what happens in a {@link ChatService}, for example in order to measure it. Give the listener to
 * {@link ChatConfig#withListener}. Every method does nothing by default.
 *
 * <p>The service calls the methods on its own threads and on those of its callers, which may be event loops, and
 * possibly several at once. So a method is fast and never blocks. An exception is logged, and changes nothing else. No
 * method is called for each entry or each reader: {@link ChatService#stats()} has the numbers that change all the time.
 */
public interface ChatListener {
    /** Ignores all events. */
    ChatListener NONE = new ChatListener() {};

    /**
     * A message was published: it is durable, and readers of this node see it. Called before the publisher's future
     * completes.
     *
     * @param isNew false when the key was known, with the same nick and body
     * @param nanos the time since {@link ChatService#publish} was called, in nanoseconds
     */
    default void published(boolean isNew, long nanos) {}

    /**
     * A publish failed. Called before the publisher's future completes.
     *
     * @param nanos the time since {@link ChatService#publish} was called, in nanoseconds
     */
    default void publishFailed(Reason reason, long nanos) {}

    /**
     * The store appended a batch of messages, joins and leaves. Batches of the outbox are not reported.
     *
     * @param drafts the number of drafts in the batch, 1 or more
     * @param nanos the duration of the store's call, in nanoseconds: the wait for the append lock, the commit and the
     *     sync
     */
    default void appended(int drafts, long nanos) {}

    /**
     * The store read a page for readers that are behind the entries in memory. Readers at the same cursor share the
     * page.
     *
     * @param messages the number of messages in the page, 0 or more
     * @param nanos the duration of the store's call, in nanoseconds
     */
    default void pageRead(int messages, long nanos) {}

    /** A reader got a gap. */
    default void gap(Gap.Cause cause) {}

    /** A limit was reached, and work was rejected with {@link Reason#OVERLOADED}. */
    default void limitReached(Bound bound) {}

    /** A limit of a service. */
    enum Bound {
        /** {@link ChatConfig#maxQueued} or {@link ChatConfig#maxQueuedBytes}. */
        QUEUE,
        /** {@link ChatConfig#maxParticipants}. */
        PARTICIPANTS,
        /** The number of reads that wait for a thread. */
        READS
    }
}
