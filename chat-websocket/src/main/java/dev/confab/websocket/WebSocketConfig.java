package dev.confab.websocket;

import java.time.Duration;

/**
 * The bounds of a {@link WebSocketHandler}. Start from {@link #defaults()}.
 *
 * @param maxMessage bytes of a message that a client sends, and of each frame of it; more closes with 1009
 * @param maxFragments frames of one message; more closes with 1008
 * @param maxControlFrames pings and pongs that a client sends in a second; more closes with 1008
 * @param maxInFlight publishes of one connection that are not answered yet; with so many it is read no further
 * @param keepAlive how often a ping is sent; who sends nothing for two rounds is closed with 4408
 * @param stuckAfter how long a client may take nothing of what is there for it; then it is closed with 4409
 * @param closeTimeout how long the other side's part of closing is waited for; at most 1 s when the server shuts down
 */
public record WebSocketConfig(
        int maxMessage,
        int maxFragments,
        int maxControlFrames,
        int maxInFlight,
        Duration keepAlive,
        Duration stuckAfter,
        Duration closeTimeout) {

    public WebSocketConfig {
        check("maxMessage", maxMessage);
        check("maxFragments", maxFragments);
        check("maxControlFrames", maxControlFrames);
        check("maxInFlight", maxInFlight);
        check("keepAlive", keepAlive.toMillis());
        check("stuckAfter", stuckAfter.toMillis());
        check("closeTimeout", closeTimeout.toMillis());
    }

    /** 64 KiB in at most 64 frames, 10 control frames a second, 64 publishes; a ping every 20 s, stuck after 60 s, 5 s to close. */
    public static WebSocketConfig defaults() {
        return new WebSocketConfig(
                64 << 10, 64, 10, 64, Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(5));
    }

    /** Other bounds on what a client sends. */
    public WebSocketConfig withLimits(int message, int fragments, int controlFrames) {
        return new WebSocketConfig(message, fragments, controlFrames, maxInFlight, keepAlive, stuckAfter, closeTimeout);
    }

    public WebSocketConfig withMaxInFlight(int publishes) {
        return new WebSocketConfig(
                maxMessage, maxFragments, maxControlFrames, publishes, keepAlive, stuckAfter, closeTimeout);
    }

    public WebSocketConfig withKeepAlive(Duration interval) {
        return new WebSocketConfig(
                maxMessage, maxFragments, maxControlFrames, maxInFlight, interval, stuckAfter, closeTimeout);
    }

    public WebSocketConfig withStuckAfter(Duration time) {
        return new WebSocketConfig(
                maxMessage, maxFragments, maxControlFrames, maxInFlight, keepAlive, time, closeTimeout);
    }

    public WebSocketConfig withCloseTimeout(Duration time) {
        return new WebSocketConfig(
                maxMessage, maxFragments, maxControlFrames, maxInFlight, keepAlive, stuckAfter, time);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
