package dev.confab.demo;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.longpoll.PubSubHandler;
import dev.confab.micrometer.ChatMetrics;
import dev.confab.micrometer.ServerMetrics;
import dev.confab.netty.Access;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.PresenceHandler;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.netty.Sessions;
import dev.confab.netty.SignalHandler;
import dev.confab.netty.TlsConfig;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A running server with its log. */
final class Node implements AutoCloseable {
    private static final Duration RETENTION_INTERVAL = Duration.ofMinutes(1);

    private final Database database;
    private final ChatService chat;
    private final ChatServer server;
    private final Operations operations;

    private Node(Database database, ChatService chat, ChatServer server, Operations operations) {
        this.database = database;
        this.chat = chat;
        this.server = server;
        this.operations = operations;
    }

    /**
     * Opens the database and starts to listen.
     *
     * @throws UncheckedIOException when the server cannot listen on the address
     * @throws dev.confab.core.StoreException when the database cannot be opened
     */
    static Node start(NodeConfig config) {
        return start(config, Optional.empty());
    }

    /**
     * Does the same with access control.
     *
     * @param access how clients are identified; empty if everybody may do everything
     */
    static Node start(NodeConfig config, Optional<AccessConfig> access) {
        Database database = Database.open(config.databaseUrl(), config.news().open(config.databaseUrl()));
        ChatService chat = null;
        Operations operations = null;
        try {
            PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            ChatMetrics chatMetrics = new ChatMetrics(registry);
            ServerMetrics serverMetrics = new ServerMetrics(registry);
            ChatConfig chatConfig = ChatConfig.defaults()
                    .withRetention(config.retention(), RETENTION_INTERVAL)
                    .withListener(chatMetrics);
            chat = new ChatService(database.store(), chatConfig);
            chatMetrics.bindTo(chat);
            operations = Operations.start(config, chat, registry);
            ChatServerConfig serverConfig = ChatServerConfig.defaults()
                    .withAddress(config.host(), config.port())
                    .withIo(config.io())
                    .withDrain(config.drainDelay(), ChatServerConfig.defaults().drainTimeout())
                    .withListener(serverMetrics);
            TlsConfig tls = config.tls();
            if (tls != null) {
                serverConfig = serverConfig.withTls(tls);
            }
            Routes open = routes(config, chat, operations.onMainPort());
            Routes routes = access.isEmpty() ? open : open.with(Access.of(chat, access.get()));
            serverMetrics.bindTo(routes);
            ChatServer server = ChatServer.start(serverConfig, routes);
            serverMetrics.bindTo(server);
            return new Node(database, chat, server, operations);
        } catch (RuntimeException e) {
            if (operations != null) {
                operations.close();
            }
            if (chat != null) {
                chat.close();
            }
            database.close();
            throw e;
        }
    }

    int port() {
        return server.port();
    }

    /** Returns the port for TLS. Only for a node that has one. */
    int tlsPort() {
        return server.tlsPort();
    }

    /** Returns the port of the metrics and health checks. */
    int managementPort() {
        return operations.port(server);
    }

    /** Completes with the cause when a part of the server has failed; see {@link ChatServer#failure}. */
    CompletionStage<Throwable> failure() {
        return server.failure();
    }

    /** Drains the node: releases the readers, stores the accepted messages, then closes the database. */
    @Override
    public void close() {
        operations.announceDrain();
        server.close();
        chat.close();
        database.close();
        operations.close();
    }

    /** Returns the routes that a node with this configuration serves. */
    static Routes routes(NodeConfig config, ChatService chat, List<Endpoint> operations) {
        Sessions sessions = new Sessions();
        List<Endpoint> endpoints = new ArrayList<>(operations);
        endpoints.add(new HealthHandler(chat));
        endpoints.add(new PublishHandler(chat, sessions));
        endpoints.add(new PresenceHandler(chat));
        endpoints.add(new SignalHandler(chat, sessions));
        for (Transport transport : config.transports()) {
            switch (transport) {
                case LONGPOLL -> {
                    endpoints.add(new LongPollHandler(chat, LongPollConfig.defaults(), sessions));
                    endpoints.addAll(PubSubHandler.of(chat, sessions));
                }
                case SSE -> endpoints.add(new SseHandler(chat, SseConfig.defaults(), sessions));
                case WEBSOCKET ->
                    endpoints.add(new WebSocketHandler(
                            chat,
                            WebSocketConfig.defaults().withAnnounceAnonymous(config.announceAnonymous()),
                            sessions));
                case SHORTPOLL ->
                    throw new IllegalArgumentException(
                            "transport: " + transport + " (expected: one of " + Transport.SERVED + ")");
            }
        }
        endpoints.addAll(PageHandler.all());
        return Routes.of(endpoints.toArray(Endpoint[]::new))
                .with(config.limits())
                .allowing(config.allowedOrigins())
                .allowingCredentials(config.credentialOrigins());
    }
}
