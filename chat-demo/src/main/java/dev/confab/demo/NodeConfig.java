package dev.confab.demo;

import dev.confab.core.Retention;
import dev.confab.netty.IoTransport;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a node is started with.
 *
 * @param host the address to listen on
 * @param port 0 for a free one
 * @param databaseUrl where the log is
 * @param transports at least one
 * @param retention what is kept
 * @param drainDelay between the word to the load balancer and the end
 * @param news how it hears of other nodes
 * @param allowedOrigins whose pages may use the server besides its own
 * @param io how it gets at its sockets
 */
record NodeConfig(
        String host,
        int port,
        DatabaseUrl databaseUrl,
        Set<Transport> transports,
        Retention retention,
        Duration drainDelay,
        Notifications news,
        List<String> allowedOrigins,
        IoTransport io) {
    NodeConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("--port: " + port + " (expected: 0 to 65535)");
        }
        if (drainDelay.isNegative() || drainDelay.toSeconds() > 3_600) {
            throw new IllegalArgumentException("--drain-delay: " + drainDelay.toSeconds() + " (expected: 0 to 3600)");
        }
        io.unavailability().ifPresent(reason -> {
            throw new IllegalArgumentException("--io: " + io + " is not to be had here: " + reason);
        });
        transports = Set.copyOf(transports);
        allowedOrigins = List.copyOf(allowedOrigins);
    }

    /** A node for tests and trials: in memory, on a free port. */
    static NodeConfig inMemory() {
        return new NodeConfig(
                "127.0.0.1",
                0,
                DatabaseUrl.parse("--database-url", DatabaseUrl.MEMORY),
                Set.of(Transport.values()),
                Retention.FOREVER,
                Duration.ZERO,
                Notifications.DEFAULT,
                List.of(),
                IoTransport.AUTO);
    }

    NodeConfig withDatabaseUrl(String url) {
        return new NodeConfig(
                host,
                port,
                DatabaseUrl.parse("--database-url", url),
                transports,
                retention,
                drainDelay,
                news,
                allowedOrigins,
                io);
    }

    NodeConfig withPort(int other) {
        return new NodeConfig(host, other, databaseUrl, transports, retention, drainDelay, news, allowedOrigins, io);
    }

    NodeConfig withNews(Notifications other) {
        return new NodeConfig(host, port, databaseUrl, transports, retention, drainDelay, other, allowedOrigins, io);
    }

    NodeConfig withTransports(Set<Transport> some) {
        return new NodeConfig(host, port, databaseUrl, some, retention, drainDelay, news, allowedOrigins, io);
    }

    NodeConfig withAllowedOrigins(List<String> origins) {
        return new NodeConfig(host, port, databaseUrl, transports, retention, drainDelay, news, origins, io);
    }
}
