package dev.confab.websocket;

import java.time.Duration;

/**
 * The limits and intervals of a {@link WebSocketHandler}. Start from {@link #defaults()}.
 *
 * @param maxMessage the maximum size of a client's message, and of each of its frames, in bytes. A larger message
 *     closes the connection with 1009
 * @param maxFragments the maximum number of frames of one message. More frames close the connection with 1008
 * @param maxControlFrames the maximum number of pings and pongs that a client may send in a second. More of them close
 *     the connection with 1008
 * @param maxInFlight the number of unanswered publishes of one connection at which the connection is no longer read
 * @param keepAlive the interval between pings. If a client sends nothing for two rounds of pings, its connection is
 *     closed with 4408
 * @param stuckAfter the time after which a connection is closed with 4409 because the client takes none of the data
 *     that waits for it
 * @param closeTimeout the time that the client has for its part of the closing handshake; at most 1 s when the server
 *     shuts down
 * @param announceAnonymous whether the connect and the disconnect of a client without a nick are announced to all other
 *     clients of its rooms on this node, as notices. Each connect then costs a write to each of these clients
 */
public record WebSocketConfig(
        int maxMessage,
        int maxFragments,
        int maxControlFrames,
        int maxInFlight,
        Duration keepAlive,
        Duration stuckAfter,
        Duration closeTimeout,
        boolean announceAnonymous) {

    public WebSocketConfig {
        check("maxMessage", maxMessage);
        check("maxFragments", maxFragments);
        check("maxControlFrames", maxControlFrames);
        check("maxInFlight", maxInFlight);
        check("keepAlive", keepAlive.toMillis());
        check("stuckAfter", stuckAfter.toMillis());
        check("closeTimeout", closeTimeout.toMillis());
    }

    /**
     * Returns the defaults: messages of 64 KiB in at most 64 frames, 10 control frames a second, and 64 publishes in
     * flight; a ping every 20 s, stuck after 60 s, 5 s to close; no announcements.
     */
    public static WebSocketConfig defaults() {
        return new WebSocketConfig(
                64 << 10, 64, 10, 64, Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(5), false);
    }

    /** Changes the limits on a client's messages and control frames. */
    public WebSocketConfig withLimits(int message, int fragments, int controlFrames) {
        return new WebSocketConfig(
                message, fragments, controlFrames, maxInFlight, keepAlive, stuckAfter, closeTimeout, announceAnonymous);
    }

    public WebSocketConfig withMaxInFlight(int publishes) {
        return new WebSocketConfig(
                maxMessage,
                maxFragments,
                maxControlFrames,
                publishes,
                keepAlive,
                stuckAfter,
                closeTimeout,
                announceAnonymous);
    }

    public WebSocketConfig withKeepAlive(Duration interval) {
        return new WebSocketConfig(
                maxMessage,
                maxFragments,
                maxControlFrames,
                maxInFlight,
                interval,
                stuckAfter,
                closeTimeout,
                announceAnonymous);
    }

    public WebSocketConfig withStuckAfter(Duration time) {
        return new WebSocketConfig(
                maxMessage,
                maxFragments,
                maxControlFrames,
                maxInFlight,
                keepAlive,
                time,
                closeTimeout,
                announceAnonymous);
    }

    public WebSocketConfig withCloseTimeout(Duration time) {
        return new WebSocketConfig(
                maxMessage,
                maxFragments,
                maxControlFrames,
                maxInFlight,
                keepAlive,
                stuckAfter,
                time,
                announceAnonymous);
    }

    public WebSocketConfig withAnnounceAnonymous(boolean announce) {
        return new WebSocketConfig(
                maxMessage, maxFragments, maxControlFrames, maxInFlight, keepAlive, stuckAfter, closeTimeout, announce);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
