package dev.confab.sse;

import java.time.Duration;

/**
 * The settings of an {@link SseHandler}.
 *
 * @param heartbeat the interval at which every stream gets a comment, which shows proxies and clients that the stream
 *     is alive; zero for no heartbeat
 * @param retry the minimum time that a client waits before it connects again after losing its stream; each stream gets
 *     a different time, between the minimum and twice the minimum
 * @param stuckAfter how long a client may accept no data before its connection is closed
 */
public record SseConfig(Duration heartbeat, Duration retry, Duration stuckAfter) {
    public SseConfig {
        if (heartbeat.isNegative()) {
            throw new IllegalArgumentException("heartbeat: " + heartbeat + " (expected: 0 or more)");
        }
        check("retry", retry);
        check("stuckAfter", stuckAfter);
    }

    /**
     * Returns the defaults: a heartbeat is sent every 15 s, clients connect again after 2 to 4 s, and the connection of
     * a client that accepts no data for 60 s is closed.
     */
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
