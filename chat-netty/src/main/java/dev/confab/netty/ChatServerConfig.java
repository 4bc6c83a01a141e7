package dev.confab.netty;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link ChatServer}. Start from {@link #defaults()}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free port
 * @param eventLoops the number of threads that serve connections, 1 or more
 * @param io the mechanism that moves bytes from and to the sockets
 * @param maxConnections the largest number of open connections; a further connection is closed at once
 * @param drainDelay how long the server continues to serve after it has announced its shutdown
 * @param drainTimeout the time after which a shutdown cuts the remaining connections
 * @param deadAfter how long sent data may stay unacknowledged before TCP gives the client up, with a precision of
 *     milliseconds; 0 for the system's own limit (on Linux about 15 minutes). Has no effect with NIO. Choose a value
 *     above the time-outs for clients that take no data (75 s), because the data for such a client counts as
 *     unacknowledged too
 * @param maxUnsent the number of bytes that the kernel keeps for a client in addition to the bytes in flight
 *     ({@code TCP_NOTSENT_LOWAT}). With NIO, this is the size of the send buffer ({@code SO_SNDBUF}), which bounds the
 *     bytes in flight too
 * @param receiveBuffer the size of the receive buffer in bytes ({@code SO_RCVBUF}); 0, the default, for a buffer that
 *     the system sizes. Linux cannot enlarge a buffer of a set size. When a client fills such a buffer to the last
 *     byte, the kernel drops the client's acknowledgements too, and a server that waits for these acknowledgements
 *     stops reading
 * @param inputBudget the number of bytes that all connections together may hold in buffers for input that was received
 *     and not yet processed. When more than half of the budget is used, no input is read ahead of a response. When the
 *     budget is exceeded, the connections that have held bytes the longest are ended: with 503 {@code overloaded} over
 *     HTTP, with 1013 over WebSocket
 * @param outputBudget the number of bytes, for all connections together, that may be written and not yet taken by the
 *     sockets. While a client takes no data, its connection is not read. When the budget is exceeded, the connections
 *     that have held bytes the longest are cut
 * @param tls the settings of the port for TLS; null, the default, for none
 * @param listener learns what happens in the server; {@link ServerListener#NONE} by default
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
        long outputBudget,
        @Nullable TlsConfig tls,
        ServerListener listener) {

    /**
     * Returns the default settings: the address 127.0.0.1:8080 and an event loop for each processor. Each budget is a
     * quarter of the memory that Netty may use for direct buffers: the system property {@code io.netty.maxDirectMemory}
     * if it is positive, otherwise the maximum heap size.
     */
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
                directMemory() / 4,
                null,
                ServerListener.NONE);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                outputBudget,
                tls,
                listener);
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
                output,
                tls,
                listener);
    }

    /** Adds a port for TLS. The requests that arrive at the other port are handled by {@link TlsConfig#plain}. */
    public ChatServerConfig withTls(TlsConfig tls) {
        return with(tls, listener);
    }

    public ChatServerConfig withListener(ServerListener other) {
        return with(tls, other);
    }

    private ChatServerConfig with(@Nullable TlsConfig tls, ServerListener listener) {
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
                outputBudget,
                tls,
                listener);
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
