package dev.confab.longpoll;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.Sessions;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A server with long polls that reports each poll it has started to handle, and the requests of its clients. */
final class PollServer implements AutoCloseable {
    private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");
    private static final Pattern TYPE = Pattern.compile("\"type\":\"([a-z]+)\"");

    final ChatService chat;
    final Sessions sessions = new Sessions();
    final LongPollHandler handler;
    final ChatServer server;
    private final BlockingQueue<Exchange> taken = new LinkedBlockingQueue<>();
    private final Queue<Runnable> actions = new ConcurrentLinkedQueue<>();

    /** @param store does not block, so that a poll is waiting or complete once it is reported as taken */
    PollServer(MessageStore store, ChatConfig config, int eventLoops) {
        this(store, config, eventLoops, PubSubHandler.MAX_WAIT);
    }

    /** @param maxSub the time after which a {@code GET /sub} without a message is refused */
    PollServer(MessageStore store, ChatConfig config, int eventLoops, Duration maxSub) {
        chat = new ChatService(store, config);
        handler = new LongPollHandler(chat, LongPollConfig.defaults(), sessions);
        ChatServerConfig serverConfig = ChatServerConfig.defaults()
                .withAddress("127.0.0.1", 0)
                .withEventLoops(eventLoops)
                .withDrain(Duration.ZERO, Duration.ofSeconds(10));
        List<Endpoint> pubSub = PubSubHandler.of(chat, sessions, maxSub);
        server = ChatServer.start(
                serverConfig,
                Routes.of(
                        new Watched(handler),
                        new PublishHandler(chat),
                        new HealthHandler(chat),
                        pubSub.get(0),
                        new Watched(pubSub.get(1))));
    }

    PollServer(MessageStore store) {
        this(store, ChatConfig.defaults(), 2);
    }

    PollServer() {
        this(new InMemoryMessageStore());
    }

    RawHttp connect() {
        return new RawHttp(server.port());
    }

    /** Sends a poll with this query and waits until the handler has taken it. */
    RawHttp park(String query) throws InterruptedException {
        RawHttp client = connect().get("/messages?" + query);
        nextTaken();
        return client;
    }

    /** Sends a {@code GET /sub} over this connection and waits until the handler has taken it. */
    RawHttp sub(RawHttp client) throws InterruptedException {
        client.get("/sub");
        nextTaken();
        return client;
    }

    /** Polls on a new connection. */
    RawHttp.Response poll(String query) {
        try (RawHttp client = connect()) {
            return client.get("/messages?" + query).read();
        }
    }

    /** Waits for the next poll that the handler has taken. The poll is then waiting or complete. */
    Exchange nextTaken() throws InterruptedException {
        Exchange exchange = taken.poll(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (exchange == null) {
            throw new AssertionError("No poll came");
        }
        return exchange;
    }

    MessageId publish(Room room, String body) {
        return chat.publish(Draft.of(room, body)).join().entry().id();
    }

    MessageId publish(String body) {
        return publish(Room.LOBBY, body);
    }

    /**
     * Publishes directly after the handler has taken the next poll, on its event loop, whose timers cannot run before.
     *
     * @return completes with the id
     */
    CompletableFuture<MessageId> publishAfterNextPoll(Room room, String body) {
        return CompletableFuture.supplyAsync(() -> publish(room, body), actions::add);
    }

    static String cursor(RawHttp.Response response) {
        return response.header("chat-cursor");
    }

    static List<String> bodies(RawHttp.Response response) {
        return all(BODY, response);
    }

    static List<String> ids(RawHttp.Response response) {
        return all(ID, response);
    }

    static List<String> types(RawHttp.Response response) {
        return all(TYPE, response);
    }

    private static List<String> all(Pattern pattern, RawHttp.Response response) {
        return pattern.matcher(response.body())
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Override
    public void close() {
        server.close();
        chat.close();
    }

    /** Wraps an endpoint and records each exchange after the endpoint has taken it. */
    private final class Watched implements Endpoint {
        private final Endpoint endpoint;

        Watched(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public HttpMethod method() {
            return endpoint.method();
        }

        @Override
        public String path() {
            return endpoint.path();
        }

        @Override
        public boolean servesHead() {
            return endpoint.servesHead();
        }

        @Override
        public void handle(Exchange exchange) {
            endpoint.handle(exchange);
            Runnable action = actions.poll();
            if (action != null) {
                action.run();
            }
            taken.add(exchange);
        }

        @Override
        public CompletionStage<Void> drain(Duration time) {
            return endpoint.drain(time);
        }
    }
}
