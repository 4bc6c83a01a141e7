package dev.confab.demo;

import dev.confab.core.Retention;
import dev.confab.netty.IoTransport;
import dev.confab.netty.LimitsConfig;
import dev.confab.netty.TlsConfig;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a node.
 *
 * @param host the address to listen on
 * @param port the port to listen on, or 0 for any free port
 * @param managementPort the port for metrics and health checks, or 0 for any free port; null for {@code port}
 * @param databaseUrl the database of the log
 * @param transports the transports to serve, at least one
 * @param retention which messages are kept
 * @param drainDelay how long {@code /health} responds with 503 before the server refuses connections
 * @param news how the node learns of the messages of other nodes
 * @param allowedOrigins the other origins whose pages may use the server
 * @param credentialOrigins the other origins whose pages may use the server and send cookies
 * @param limits the limits for one client
 * @param io the mechanism for sockets
 * @param announceAnonymous whether clients without a nick are announced over WebSocket
 * @param tls the settings of the port for TLS; null for none
 */
record NodeConfig(
        String host,
        int port,
        @Nullable Integer managementPort,
        DatabaseUrl databaseUrl,
        Set<Transport> transports,
        Retention retention,
        Duration drainDelay,
        Notifications news,
        List<String> allowedOrigins,
        List<String> credentialOrigins,
        LimitsConfig limits,
        IoTransport io,
        boolean announceAnonymous,
        @Nullable TlsConfig tls) {
    NodeConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("--port: " + port + " (expected: 0 to 65535)");
        }
        if (managementPort != null && (managementPort < 0 || managementPort > 65_535)) {
            throw new IllegalArgumentException("--management-port: " + managementPort + " (expected: 0 to 65535)");
        }
        if (managementPort != null && managementPort == port && port != 0) {
            throw new IllegalArgumentException(
                    "--management-port: " + managementPort + " (expected: another port than --port)");
        }
        if (drainDelay.isNegative() || drainDelay.toSeconds() > 3_600) {
            throw new IllegalArgumentException("--drain-delay: " + drainDelay.toSeconds() + " (expected: 0 to 3600)");
        }
        io.unavailability().ifPresent(reason -> {
            throw new IllegalArgumentException("--io: " + io + " is not available here: " + reason);
        });
        for (Transport transport : transports) {
            if (!Transport.SERVED.contains(transport)) {
                throw new IllegalArgumentException(
                        "--transports: " + transport
                                + " (expected: longpoll, sse or websocket; a short poll is a request to longpoll without wait)");
            }
        }
        transports = Set.copyOf(transports);
        allowedOrigins = List.copyOf(allowedOrigins);
        credentialOrigins = List.copyOf(credentialOrigins);
    }

    /** Returns the settings of a node for tests and trials: in memory, on a free port. */
    static NodeConfig inMemory() {
        return new NodeConfig(
                "127.0.0.1",
                0,
                null,
                DatabaseOption.parse("--database-url", DatabaseUrl.MEMORY),
                Transport.SERVED,
                Retention.FOREVER,
                Duration.ZERO,
                Notifications.DEFAULT,
                List.of(),
                List.of(),
                LimitsConfig.defaults(),
                IoTransport.AUTO,
                false,
                null);
    }

    NodeConfig withDatabaseUrl(String url) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                DatabaseOption.parse("--database-url", url),
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withPort(int other) {
        return new NodeConfig(
                host,
                other,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withManagementPort(int other) {
        return new NodeConfig(
                host,
                port,
                other,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withNews(Notifications other) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                other,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withTransports(Set<Transport> some) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                some,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withIo(IoTransport other) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                other,
                announceAnonymous,
                tls);
    }

    NodeConfig withAllowedOrigins(List<String> origins) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                origins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withTls(TlsConfig other) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                limits,
                io,
                announceAnonymous,
                other);
    }

    NodeConfig withCredentialOrigins(List<String> origins) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                origins,
                limits,
                io,
                announceAnonymous,
                tls);
    }

    NodeConfig withLimits(LimitsConfig other) {
        return new NodeConfig(
                host,
                port,
                managementPort,
                databaseUrl,
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                credentialOrigins,
                other,
                io,
                announceAnonymous,
                tls);
    }
}
