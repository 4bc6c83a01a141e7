package dev.confab.netty;

import java.time.Duration;

/**
 * The settings of a {@link ChatServer}. Start from {@link #defaults()}.
 *
 * @param host the address to listen on
 * @param port 0 for a free one
 * @param eventLoops threads that serve connections, 1 or more
 * @param io how bytes get from and to the sockets
 * @param maxConnections the next one is closed at once
 * @param drainDelay how long it serves on after it said that it goes down
 * @param drainTimeout after which the connections that are left are cut
 * @param deadAfter in milliseconds' precision, how long what was sent may stay unacknowledged before TCP gives the client up, 0 for
 *     as long as the system does (on Linux about 15 minutes). Not with NIO; above the time-outs for clients that take
 *     nothing (75 s), which count as unacknowledged too
 */
public record ChatServerConfig(
        String host,
        int port,
        int eventLoops,
        IoTransport io,
        int maxConnections,
        Duration drainDelay,
        Duration drainTimeout,
        Duration deadAfter) {

    /** On 127.0.0.1:8080, with an event loop for each processor. */
    public static ChatServerConfig defaults() {
        return new ChatServerConfig(
                "127.0.0.1",
                8080,
                Runtime.getRuntime().availableProcessors(),
                IoTransport.AUTO,
                100_000,
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofSeconds(90));
    }

    public ChatServerConfig {
        check("port", port, 0);
        check("eventLoops", eventLoops, 1);
        check("maxConnections", maxConnections, 1);
        check("drainDelay", drainDelay.toMillis(), 0);
        check("drainTimeout", drainTimeout.toMillis(), 0);
        check("deadAfter", deadAfter.toMillis(), 0);
    }

    public ChatServerConfig withAddress(String host, int port) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, drainDelay, drainTimeout, deadAfter);
    }

    public ChatServerConfig withEventLoops(int eventLoops) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, drainDelay, drainTimeout, deadAfter);
    }

    public ChatServerConfig withIo(IoTransport io) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, drainDelay, drainTimeout, deadAfter);
    }

    public ChatServerConfig withMaxConnections(int maxConnections) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, drainDelay, drainTimeout, deadAfter);
    }

    public ChatServerConfig withDrain(Duration delay, Duration timeout) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, delay, timeout, deadAfter);
    }

    public ChatServerConfig withDeadAfter(Duration deadAfter) {
        return new ChatServerConfig(host, port, eventLoops, io, maxConnections, drainDelay, drainTimeout, deadAfter);
    }

    private static void check(String name, long value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
        }
    }
}
