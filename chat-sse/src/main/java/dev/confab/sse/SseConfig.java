package dev.confab.sse;

import java.time.Duration;

/**
 * The settings of an {@link SseHandler}.
 *
 * @param heartbeat how often every stream gets a comment, so that proxies and clients see that it lives; zero for never
 * @param retry how long a client that lost its stream waits before it comes back: a different time for each stream, from this
 *     to twice as long
 * @param stuckAfter how long a client may take nothing of what is written to it before its connection is closed
 */
public record SseConfig(Duration heartbeat, Duration retry, Duration stuckAfter) {
    public SseConfig {
        if (heartbeat.isNegative()) {
            throw new IllegalArgumentException("heartbeat: " + heartbeat + " (expected: 0 or more)");
        }
        check("retry", retry);
        check("stuckAfter", stuckAfter);
    }

    /** A heartbeat every 15 s; clients come back after 2 to 4 s; who takes nothing for 60 s is closed. */
    public static SseConfig defaults() {
        return new SseConfig(Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(60));
    }

    public SseConfig withHeartbeat(Duration interval) {
        return new SseConfig(interval, retry, stuckAfter);
    }

    public SseConfig withRetry(Duration least) {
        return new SseConfig(heartbeat, least, stuckAfter);
    }

    public SseConfig withStuckAfter(Duration time) {
        return new SseConfig(heartbeat, retry, time);
    }

    private static void check(String name, Duration value) {
        if (value.toMillis() < 1 || value.toMillis() > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 ms to 12 days)");
        }
    }
}
