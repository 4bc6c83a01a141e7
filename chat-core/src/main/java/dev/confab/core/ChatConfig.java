package dev.confab.core;

import java.time.Duration;

/**
 * The bounds of a {@link ChatService}. Start from {@link #defaults()}.
 *
 * @param tailBytes how much of the log's end is kept in memory, in bytes
 * @param tailAge for how long, at most
 * @param maxQueued publishes that wait for the store; the next one is {@link Reason#OVERLOADED}
 * @param maxQueuedBytes the same in bytes
 * @param publishTimeout after which a publish that is not stored fails, within a second more: {@link Reason#UNAVAILABLE} while it
 *     surely is not stored, {@link Reason#OUTCOME_UNKNOWN} when the store has it and does not answer
 * @param drainTimeout how long {@link ChatService#close()} lets waiting publishes complete
 * @param readThreads threads that read from a store that blocks, 1 or more
 * @param retention what is kept
 * @param retentionInterval how often what is not kept is removed
 * @param presenceGrace how long a participant whose connection was lost may take to come back
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
        Duration presenceGrace) {

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
                Duration.ofSeconds(5));
    }

    public ChatConfig {
        check("tailBytes", tailBytes);
        check("maxQueued", maxQueued);
        check("maxQueuedBytes", maxQueuedBytes);
        check("readThreads", readThreads);
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
                presenceGrace);
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
                presenceGrace);
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
                presenceGrace);
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
                presenceGrace);
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
                grace);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
