package dev.confab.demo;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.longpoll.PubSubHandler;
import dev.confab.netty.Access;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.Authenticator;
import dev.confab.netty.Authorizer;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Credentials;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.HttpException;
import dev.confab.netty.Operation;
import dev.confab.netty.PresenceHandler;
import dev.confab.netty.Principal;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.Sessions;
import dev.confab.netty.SignalHandler;
import dev.confab.netty.WsClient;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A server on which an application decides who may do what. A token is {@code NICK.ROOM.EXPIRY}: the nick, the room
 * that the client may use beside the hall, and the expiry in ms since 1970, or in ms after the server has seen the token
 * ({@code +MS}), or {@code never}.
 */
final class AccessServer implements AutoCloseable {
    /** An operation about which the authorizer was asked. */
    record Question(String nick, Room room, Operation operation) {}

    /** The room that every client with a valid token may use. */
    static final Room HALL = new Room("hall");

    final ChatService chat;
    final Access access;
    final ChatServer server;
    final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();

    /** The number of questions to the authenticator. */
    final AtomicInteger authentications = new AtomicInteger();

    /** @param isAsync whether authenticator and authorizer answer later, on another thread */
    AccessServer(MessageStore store, boolean isAsync, UnaryOperator<AccessConfig> change) {
        chat = new ChatService(store, ChatConfig.defaults());
        Authenticator authenticator = credentials -> answer(isAsync, () -> authenticate(credentials));
        Authorizer authorizer = (principal, room, operation) -> answer(isAsync, () -> {
            asked.add(new Question(principal.nick().name(), room, operation));
            return room.equals(HALL)
                    || room.name().equals(principal.attributes().get("room"));
        });
        access = Access.of(chat, change.apply(AccessConfig.of(authenticator, authorizer)));
        Sessions sessions = new Sessions();
        List<Endpoint> endpoints = new ArrayList<>(List.of(
                new HealthHandler(chat),
                new PublishHandler(chat, sessions),
                new PresenceHandler(chat),
                new SignalHandler(chat, sessions),
                new LongPollHandler(chat, LongPollConfig.defaults(), sessions),
                new SseHandler(chat, SseConfig.defaults(), sessions),
                new WebSocketHandler(chat, WebSocketConfig.defaults(), sessions)));
        endpoints.addAll(PubSubHandler.of(chat));
        server = ChatServer.start(
                ChatServerConfig.defaults()
                        .withAddress("127.0.0.1", 0)
                        .withDrain(Duration.ZERO, Duration.ofSeconds(10)),
                Routes.of(endpoints.toArray(Endpoint[]::new)).with(access));
    }

    private static <T> CompletableFuture<T> answer(boolean isAsync, Supplier<T> decision) {
        return isAsync
                ? CompletableFuture.supplyAsync(decision)
                : CompletableFuture.completedFuture(true).thenApply(yes -> decision.get());
    }

    private Principal authenticate(Credentials credentials) {
        authentications.incrementAndGet();
        String token = credentials.token();
        String[] parts = token == null ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            throw HttpException.unauthenticated("A valid token is needed");
        }
        return new Principal(new Nick(parts[0]), expiry(parts[2]), Map.of("room", parts[1]));
    }

    private static Instant expiry(String part) {
        if (part.equals("never")) {
            return null;
        }
        long millis = Long.parseLong(part);
        return part.startsWith("+") ? Instant.now().plusMillis(millis) : Instant.ofEpochMilli(millis);
    }

    static String token(String nick, String room) {
        return nick + "." + room + ".never";
    }

    static String token(String nick, String room, Duration left) {
        return nick + "." + room + "." + Instant.now().plus(left).toEpochMilli();
    }

    /** Returns a token that expires some time after the server has seen it, so that it cannot arrive too late. */
    static String tokenFromArrival(String nick, String room, Duration lifetime) {
        return nick + "." + room + ".+" + lifetime.toMillis();
    }

    RawHttp connect() {
        return new RawHttp(server.port());
    }

    /** Returns the head of a request that has the token, or no {@code Authorization} if the token is null. */
    static String head(String method, String target, String token, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
        if (token != null) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        Stream.of(headers).forEach(header -> head.append(header).append("\r\n"));
        return head.append("\r\n").toString();
    }

    RawHttp.Response get(String target, String token, String... headers) {
        try (RawHttp http = connect()) {
            return http.send(head("GET", target, token, headers)).read();
        }
    }

    RawHttp.Response post(String target, String token, String json) {
        try (RawHttp http = connect()) {
            return http.send(head(
                                    "POST",
                                    target,
                                    token,
                                    "Content-Type: application/json",
                                    "Content-Length: " + json.length())
                            + json)
                    .read();
        }
    }

    /** Opens a WebSocket whose handshake has the token. */
    WsClient socket(String query, String token) {
        WsClient client = new WsClient(connect());
        String head = client.request(query, WsClient.UPGRADE + "Authorization: Bearer " + token + "\r\n");
        if (!head.contains(" 101 ")) {
            throw new AssertionError(head);
        }
        return client;
    }

    /** Waits until the authorizer was asked {@code count} more times. */
    void awaitQuestions(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            if (asked.poll(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS) == null) {
                throw new AssertionError("asked " + i + " of " + count + " times");
            }
        }
    }

    List<String> bodies(String room) {
        return chat.before(RoomSet.of(new Room(room)), MessageId.MAX, Limit.PAGE).join().entries().stream()
                .map(entry -> entry.message().body())
                .toList();
    }

    void publish(String room, String body) {
        chat.publish(Draft.of(new Room(room), body)).join();
    }

    @Override
    public void close() {
        server.close();
        chat.close();
    }
}
