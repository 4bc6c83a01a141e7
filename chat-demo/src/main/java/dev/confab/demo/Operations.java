package dev.confab.demo;

import dev.confab.core.ChatService;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.Routes;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metrics and health checks of a node: on a port of their own, or on the port of the node. */
final class Operations implements AutoCloseable {
    /** A scrape that is running may end; a client that keeps its connection open must not delay the shutdown. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final List<Endpoint> onMainPort;
    private final Routes routes;
    private final @Nullable ChatServer server;

    private Operations(List<Endpoint> onMainPort, Routes routes, @Nullable ChatServer server) {
        this.onMainPort = onMainPort;
        this.routes = routes;
        this.server = server;
    }

    /** @throws java.io.UncheckedIOException when the server cannot listen on the port */
    static Operations start(NodeConfig config, ChatService chat, PrometheusMeterRegistry registry) {
        List<Endpoint> endpoints =
                List.of(new MetricsHandler(registry), new LiveHandler(), new HealthHandler(chat, "/health/ready"));
        Integer port = config.managementPort();
        if (port == null) {
            return new Operations(endpoints, Routes.of(), null);
        }
        Routes routes = Routes.of(endpoints.toArray(Endpoint[]::new));
        ChatServerConfig serverConfig = ChatServerConfig.defaults()
                .withAddress(config.host(), port)
                .withEventLoops(1)
                .withIo(config.io())
                .withDrain(Duration.ZERO, DRAIN);
        return new Operations(List.of(), routes, ChatServer.start(serverConfig, routes));
    }

    /** Returns the endpoints that the node's own server has to serve. */
    List<Endpoint> onMainPort() {
        return onMainPort;
    }

    /** @param main the node's own server */
    int port(ChatServer main) {
        return server == null ? main.port() : server.port();
    }

    /** Makes the readiness check respond with 503. The node's own server does so itself for its own endpoints. */
    void announceDrain() {
        routes.announceDrain();
    }

    /** Stops the responses. Called last, so that the shutdown can be watched. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
