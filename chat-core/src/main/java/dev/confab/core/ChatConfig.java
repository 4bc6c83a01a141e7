package dev.confab.core;

import java.time.Duration;

/**
 * The settings of a {@link ChatService}. Start from {@link #defaults()}.
 *
 * @param tailBytes the maximum size, in bytes, of the newest entries of the log that are kept in memory
 * @param tailAge the maximum age of the entries in memory
 * @param maxQueued the maximum number of publishes that wait for the store; further publishes fail with
 *     {@link Reason#OVERLOADED}
 * @param maxQueuedBytes the maximum size, in bytes, of the publishes that wait for the store
 * @param publishTimeout the time after which a publish that is not stored fails, at most a second later. The reason is
 *     {@link Reason#UNAVAILABLE} if the message is certainly not stored, and {@link Reason#OUTCOME_UNKNOWN} if the
 *     store is appending it and does not respond
 * @param drainTimeout the time that {@link ChatService#close()} gives the waiting publishes to complete
 * @param readThreads the number of threads that read from a store that blocks, 1 or more
 * @param retention the rule that decides which messages the store keeps
 * @param retentionInterval the interval at which the other messages are removed
 * @param presenceGrace the time in which a participant whose connection was lost can come back without having left
 * @param maxParticipants the maximum number of this node's participants, over all rooms; a connection that would add
 *     more is refused with {@link Reason#OVERLOADED}
 * @param listener learns what happens in the service; {@link ChatListener#NONE} by default
 */
public record ChatConfig(
        long tailBytes,
        Duration tailAge,
        int maxQueued,
        long maxQueuedBytes,
        Duration publishTimeout,
        Duration drainTimeout,
        int readThreads,
        Retention retention,
        Duration retentionInterval,
        Duration presenceGrace,
        int maxParticipants,
        ChatListener listener) {

    public static ChatConfig defaults() {
        return new ChatConfig(
                64L << 20,
                Duration.ofMinutes(10),
                10_000,
                64L << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                4,
                Retention.FOREVER,
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                200_000,
                ChatListener.NONE);
    }

    public ChatConfig {
        check("tailBytes", tailBytes);
        check("maxQueued", maxQueued);
        check("maxQueuedBytes", maxQueuedBytes);
        check("readThreads", readThreads);
        check("maxParticipants", maxParticipants);
    }

    public ChatConfig withTailBytes(long bytes) {
        return new ChatConfig(
                bytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                retention,
                retentionInterval,
                presenceGrace,
                maxParticipants,
                listener);
    }

    public ChatConfig withMaxQueued(int publishes, long bytes) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                publishes,
                bytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                retention,
                retentionInterval,
                presenceGrace,
                maxParticipants,
                listener);
    }

    public ChatConfig withTimeouts(Duration publish, Duration drain) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publish,
                drain,
                readThreads,
                retention,
                retentionInterval,
                presenceGrace,
                maxParticipants,
                listener);
    }

    public ChatConfig withRetention(Retention kept, Duration interval) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                kept,
                interval,
                presenceGrace,
                maxParticipants,
                listener);
    }

    public ChatConfig withPresenceGrace(Duration grace) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                retention,
                retentionInterval,
                grace,
                maxParticipants,
                listener);
    }

    public ChatConfig withMaxParticipants(int participants) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                retention,
                retentionInterval,
                presenceGrace,
                participants,
                listener);
    }

    public ChatConfig withListener(ChatListener other) {
        return new ChatConfig(
                tailBytes,
                tailAge,
                maxQueued,
                maxQueuedBytes,
                publishTimeout,
                drainTimeout,
                readThreads,
                retention,
                retentionInterval,
                presenceGrace,
                maxParticipants,
                other);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
