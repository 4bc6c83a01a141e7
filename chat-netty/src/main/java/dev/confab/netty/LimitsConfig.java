package dev.confab.netty;

import java.util.Collection;
import java.util.List;

/**
 * The limits for one client, which keep a single client from using up what all clients share. Start from
 * {@link #defaults()}. A client is known by its address. An IPv6 address counts as its network of 64 bits, because one
 * household or machine usually has all addresses of such a network. Each node counts on its own. The limits of an
 * address do not hold for a connection without an IP address, such as a Unix socket.
 *
 * @param maxConnectionsPerAddress the largest number of open connections of one address. For requests that a trusted
 *     proxy passes on, the open requests, streams and WebSockets are counted, because clients share the connections of
 *     a proxy. The response to the first request beyond the limit is 429 {@code too_many_connections}, and the
 *     connection is closed
 * @param publishRate the number of messages a second that one address, and one principal from all its addresses, may
 *     publish over all transports; 0 for no limit. The response beyond the limit is 429 {@code rate_limited}, or an
 *     {@code error} with this code over WebSocket; nothing is stored
 * @param publishBurst the number of messages that an address, or a principal, may publish at once after a pause
 * @param trustedProxies the proxies whose {@code X-Forwarded-For} header names the client, each as an address or a CIDR
 *     block, such as {@code 10.0.0.0/8}
 */
public record LimitsConfig(
        int maxConnectionsPerAddress, int publishRate, int publishBurst, List<String> trustedProxies) {

    /**
     * Returns the default limits: 20,000 connections for an address, no limit for publishes, and no trusted proxies.
     *
     * <p>20,000 connections are a fifth of the default of {@link ChatServerConfig#maxConnections}, so one address
     * cannot take all of them. They are enough for an office or a mobile network behind one address, and for a load
     * test from one machine. A limit for publishes would hit an application that publishes for all its users from one
     * address.
     */
    public static LimitsConfig defaults() {
        return new LimitsConfig(20_000, 0, 1, List.of());
    }

    /** @throws IllegalArgumentException if a number is too small, or a trusted proxy is not an address or CIDR block */
    public LimitsConfig {
        check("maxConnectionsPerAddress", maxConnectionsPerAddress, 1);
        check("publishRate", publishRate, 0);
        check("publishBurst", publishBurst, 1);
        trustedProxies = List.copyOf(trustedProxies);
        TrustedProxies.of(trustedProxies);
    }

    public LimitsConfig withMaxConnectionsPerAddress(int max) {
        return new LimitsConfig(max, publishRate, publishBurst, trustedProxies);
    }

    /**
     * @param perSecond the rate; 0 for no limit
     * @param burst the number of messages that an address may publish at once after a pause, 1 or more
     */
    public LimitsConfig withPublishRate(int perSecond, int burst) {
        return new LimitsConfig(maxConnectionsPerAddress, perSecond, burst, trustedProxies);
    }

    /** @param blocks addresses or CIDR blocks, which replace those of an earlier call */
    public LimitsConfig withTrustedProxies(Collection<String> blocks) {
        return new LimitsConfig(maxConnectionsPerAddress, publishRate, publishBurst, List.copyOf(blocks));
    }

    private static void check(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
        }
    }
}
