package dev.confab.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a {@link ChatService} at one moment.
 *
 * @param queued the number of drafts that wait for the store or that the store is appending: messages, joins and leaves
 * @param queuedBytes the size of these drafts in bytes, as {@link ChatConfig#maxQueuedBytes} counts it
 * @param tailEntries the number of entries in memory
 * @param tailBytes the size of these entries in bytes, as {@link ChatConfig#tailBytes} counts it
 * @param evictedBySize the number of entries, since the start, that left the memory because of
 *     {@link ChatConfig#tailBytes}
 * @param evictedByAge the number of entries, since the start, that left the memory because of
 *     {@link ChatConfig#tailAge}
 * @param tailLag the time since this node last knew that it has every entry of a shared log: other nodes may have
 *     committed entries since then that this node's readers do not see yet. Null when the log is not shared
 * @param participants the number of participants on this node, over all rooms
 * @param leaseAge the time since this node's lease was begun or renewed; null when the log is not shared, because the
 *     lease is then never renewed
 * @param outbox the state of the outbox; null when the store has no outbox, or its state is not known
 */
public record ChatStats(
        int queued,
        long queuedBytes,
        int tailEntries,
        long tailBytes,
        long evictedBySize,
        long evictedByAge,
        @Nullable Duration tailLag,
        int participants,
        @Nullable Duration leaseAge,
        @Nullable Outbox outbox) {

    /**
     * The state of an outbox.
     *
     * @param rows the number of committed rows that are not published yet, as {@link MessageStore#outboxRows()} counts
     *     them
     * @param age the time since this node last found the outbox empty, or since its start if it has not found the
     *     outbox empty yet. No row that was committed since then can have waited longer. Zero without rows
     */
    public record Outbox(long rows, Duration age) {}
}
