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
 * @param maxUnsent bytes that the kernel keeps for a client beyond what is on its way to it ({@code TCP_NOTSENT_LOWAT}); with NIO the
 *     size of the send buffer ({@code SO_SNDBUF}), which bounds what is on its way, too
 * @param receiveBuffer bytes of the receive buffer ({@code SO_RCVBUF}), or 0, the default, for a buffer that the system sizes. Linux
 *     cannot enlarge a buffer of a set size: when a client fills it to the last byte, the kernel drops the client's
 *     acknowledgements, too, and a server that waits for them does not read on
 * @param inputBudget bytes of buffers that all connections together hold for input that was received and not processed. Above
 *     half of it, nothing is read ahead of a response; when it is exceeded, the connections that have held some the longest
 *     are ended: by 503 {@code overloaded} over HTTP, by 1013 over WebSocket
 * @param outputBudget bytes that were written for all connections together and not taken by their sockets. A connection is
 *     not read while it takes nothing; when the budget is exceeded, the connections that have held some the longest are cut
 */
public record ChatServerConfig(
        String host,
        int port,
        int eventLoops,
        IoTransport io,
        int maxConnections,
        Duration drainDelay,
        Duration drainTimeout,
        Duration deadAfter,
        int maxUnsent,
        int receiveBuffer,
        long inputBudget,
        long outputBudget) {

    /** On 127.0.0.1:8080, with an event loop for each processor. Each budget is a quarter of the memory that Netty may use for direct buffers: the
     * system property {@code io.netty.maxDirectMemory} if it is set, otherwise the maximal heap size. */
    public static ChatServerConfig defaults() {
        return new ChatServerConfig(
                "127.0.0.1",
                8080,
                Runtime.getRuntime().availableProcessors(),
                IoTransport.AUTO,
                100_000,
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofSeconds(90),
                64 << 10,
                0,
                directMemory() / 4,
                directMemory() / 4);
    }

    public ChatServerConfig {
        check("port", port, 0);
        check("eventLoops", eventLoops, 1);
        check("maxConnections", maxConnections, 1);
        check("drainDelay", drainDelay.toMillis(), 0);
        check("drainTimeout", drainTimeout.toMillis(), 0);
        check("deadAfter", deadAfter.toMillis(), 0);
        check("maxUnsent", maxUnsent, 1);
        check("receiveBuffer", receiveBuffer, 0);
        check("inputBudget", inputBudget, 1);
        check("outputBudget", outputBudget, 1);
    }

    public ChatServerConfig withAddress(String host, int port) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withEventLoops(int eventLoops) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withIo(IoTransport io) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withMaxConnections(int maxConnections) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withDrain(Duration delay, Duration timeout) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                delay,
                timeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withDeadAfter(Duration deadAfter) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withSocketBuffers(int unsent, int receive) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                unsent,
                receive,
                inputBudget,
                outputBudget);
    }

    public ChatServerConfig withBudgets(long input, long output) {
        return new ChatServerConfig(
                host,
                port,
                eventLoops,
                io,
                maxConnections,
                drainDelay,
                drainTimeout,
                deadAfter,
                maxUnsent,
                receiveBuffer,
                input,
                output);
    }

    private static long directMemory() {
        long netty = Long.getLong("io.netty.maxDirectMemory", 0);
        return netty > 0 ? netty : Runtime.getRuntime().maxMemory();
    }

    private static void check(String name, long value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
        }
    }
}
