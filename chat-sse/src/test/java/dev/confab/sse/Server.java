package dev.confab.sse;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Routes;
import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A server with event streams only, on a store in memory, on a free port. */
final class Server implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final ChatService chat;
    private final SseHandler handler;
    private final ChatServer server;

    Server(MessageStore store, SseConfig config) {
        this.chat = new ChatService(store, ChatConfig.defaults());
        // The retry time is always one and a half times the configured time.
        this.handler = new SseHandler(chat, config, bound -> bound / 2);
        this.server = ChatServer.start(ChatServerConfig.defaults().withAddress("127.0.0.1", 0), Routes.of(handler));
    }

    static Server start() {
        return start(SseConfig.defaults());
    }

    static Server start(SseConfig config) {
        return new Server(ScriptedStore.direct(), config);
    }

    ChatService chat() {
        return chat;
    }

    SseHandler handler() {
        return handler;
    }

    int port() {
        return server.port();
    }

    MessageId publish(String body) {
        return publish(Room.LOBBY, body);
    }

    MessageId publish(Room room, String body) {
        return chat.publish(Draft.of(room, body)).join().entry().id();
    }

    EventClient get(String target, String... headers) throws IOException {
        return EventClient.get(port(), target, headers);
    }

    /** Returns the channel of the only stream, once the stream has joined the fan-out. */
    Channel channel() throws Exception {
        CompletableFuture<Channel> found = new CompletableFuture<>();
        handler.fanOut().forEach(reader -> found.complete(reader.channel()), Duration.ZERO);
        return found.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits until a channel is closed and its handlers have been notified. */
    static void awaitClose(Channel channel) throws Exception {
        if (!channel.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("not closed");
        }
        // Closing a channel notifies its handlers in a separate task.
        channel.eventLoop().submit(() -> {}).sync();
        channel.eventLoop().submit(() -> {}).sync();
    }

    @Override
    public void close() {
        server.close();
        chat.close();
    }
}
