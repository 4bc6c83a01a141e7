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
import dev.confab.netty.EventClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Reader;
import dev.confab.netty.Routes;
import dev.confab.netty.Sessions;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server with event streams only, on a store in memory, on a free port. */
final class Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ChatService chat;
    private final Sessions sessions = new Sessions();
    private final SseHandler handler;
    private final ChatServer server;

    Server(MessageStore store, SseConfig config) {
        this(store, ChatConfig.defaults(), config);
    }

    Server(MessageStore store, ChatConfig chatConfig, SseConfig config) {
        this.chat = new ChatService(store, chatConfig);
        // The retry time is always one and a half times the configured time.
        this.handler = new SseHandler(chat, config, sessions, bound -> bound / 2);
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

    Sessions sessions() {
        return sessions;
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

    EventClient get(String target, String... headers) {
        return EventClient.get(new RawHttp(port(), PATIENCE), target, headers);
    }

    /** Requests a stream for a client that will stop reading. */
    EventClient getSlowly(String target) {
        return EventClient.get(RawHttp.slow(port(), PATIENCE), target);
    }

    EventClient send(String request) {
        return new EventClient(new RawHttp(port(), PATIENCE), request);
    }

    /** Returns the channel of the only stream, once the stream has joined the fan-out. */
    Channel channel() throws Exception {
        awaitStreams(1);
        CompletableFuture<Channel> found = new CompletableFuture<>();
        handler.fanOut().forEach(reader -> found.complete(reader.channel()), Duration.ZERO);
        return found.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Waits until this number of streams has joined the fan-out. A stream sends its first bytes before it joins. */
    void awaitStreams(int count) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Set<Reader> joined = new HashSet<>();
        BlockingQueue<Reader> seen = new LinkedBlockingQueue<>();
        while (joined.size() < count) {
            if (System.nanoTime() > end) {
                throw new AssertionError("streams: " + joined.size() + " (expected: " + count + ")");
            }
            handler.fanOut().forEach(seen::add, Duration.ZERO);
            Reader reader = seen.poll(10, TimeUnit.MILLISECONDS);
            if (reader != null) {
                joined.add(reader);
                seen.drainTo(joined);
            }
        }
    }

    /** Waits until a channel is closed and its handlers have been notified. */
    static void awaitClose(Channel channel) throws Exception {
        if (!channel.closeFuture().await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
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
