package dev.confab.demo;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.micrometer.ChatMetrics;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.HttpConfig;
import dev.confab.netty.Routes;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.Function;

/** A server on a free port with the routes of the demo, whose store a test lets fail. */
final class FaultyNode implements AutoCloseable {
    static final ChatServerConfig SERVER = ChatServerConfig.defaults()
            .withAddress("127.0.0.1", 0)
            .withEventLoops(1)
            .withDrain(Duration.ZERO, Duration.ofSeconds(10));

    final FaultyStore store;
    final ChatService chat;
    final Routes routes;
    final ChatServer server;

    FaultyNode() {
        this(NodeConfig.inMemory(), HttpConfig.defaults(), SERVER);
    }

    FaultyNode(NodeConfig config, HttpConfig http, ChatServerConfig server) {
        this(false, chat -> routes(config, chat).with(http), server);
    }

    /** @param isBlocking whether the service reads from the store on threads of its own */
    FaultyNode(boolean isBlocking, Function<ChatService, Routes> routes, ChatServerConfig config) {
        store = new FaultyStore(isBlocking);
        chat = new ChatService(store.asStore(), ChatConfig.defaults());
        this.routes = routes.apply(chat);
        server = ChatServer.start(config, this.routes);
    }

    /** Returns the routes of a node that has its metrics and health checks on its only port. */
    static Routes routes(NodeConfig config, ChatService chat) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new ChatMetrics(registry).bindTo(chat);
        return Node.routes(
                config, chat, Operations.start(config, chat, registry).onMainPort());
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
        chat.close();
    }
}
