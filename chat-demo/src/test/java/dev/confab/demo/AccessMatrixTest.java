package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.netty.EntryReader;
import dev.confab.netty.Operation;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operation on every transport, with every kind of token: the same decision holds everywhere. */
final class AccessMatrixTest {
    private static final String ROOM = "mine";
    private static final String OTHER = "other";

    /** The kinds of tokens, with the code of the expected refusal. */
    private enum Token {
        NONE(null, "unauthenticated"),
        WRONG("nonsense", "unauthenticated"),
        EXPIRED(AccessServer.token("ann", ROOM, Duration.ofSeconds(-1)), "unauthenticated"),
        WRONG_ROOM(AccessServer.token("ann", OTHER), "forbidden"),
        RIGHT(AccessServer.token("ann", ROOM), "ok");

        private final String text;
        private final String expected;

        Token(String text, String expected) {
            this.text = text;
            this.expected = expected;
        }
    }

    /** The ways into a room. Each returns {@code ok}, or the code of the refusal. */
    private enum Way {
        POLL(Operation.READ, (server, room, token) -> get(server, "/messages?wait=0&room=" + room, token)),
        POLL_HEAD(Operation.READ, (server, room, token) -> head(server, "/messages?wait=0&room=" + room, token)),
        POLL_RESUME(
                Operation.READ,
                (server, room, token) ->
                        get(server, "/messages?wait=0&room=" + room + "&after=" + server.chat.head(), token)),
        POLL_SEVERAL(
                Operation.READ,
                (server, room, token) -> get(server, "/messages?wait=0&room=" + room + "&room=" + room, token)),
        HISTORY(Operation.READ, (server, room, token) -> get(server, "/messages?before=latest&room=" + room, token)),
        SUB(Operation.READ, (server, room, token) -> get(server, "/sub?after=earliest&room=" + room, token)),
        STREAM(Operation.READ, (server, room, token) -> stream(server, "room=" + room, token)),
        STREAM_LAST(Operation.READ, (server, room, token) -> stream(server, "last=1&room=" + room, token)),
        STREAM_RESUME(
                Operation.READ,
                (server, room, token) -> stream(server, "room=" + room, token, "Last-Event-ID: " + server.chat.head())),
        SOCKET(Operation.READ, (server, room, token) -> socket(server, "?room=" + room, token)),
        SOCKET_LAST(Operation.READ, (server, room, token) -> socket(server, "?last=1&room=" + room, token)),
        SOCKET_RESUME(
                Operation.READ,
                (server, room, token) -> socket(server, "?room=" + room + "&after=" + server.chat.head(), token)),
        POST(
                Operation.PUBLISH,
                (server, room, token) -> code(server.post("/messages?room=" + room, token, "{\"body\":\"sent\"}"))),
        PUB(Operation.PUBLISH, (server, room, token) -> code(server.post("/pub?message=sent&room=" + room, token, ""))),
        SOCKET_SEND(Operation.PUBLISH, Way::send),
        SOCKET_SUBSCRIBE(Operation.READ, Way::subscribe),
        SIGNAL(
                Operation.PUBLISH,
                (server, room, token) -> code(server.post("/signals?room=" + room, token, "{\"event\":\"typing\"}"))),
        SOCKET_SIGNAL(Operation.PUBLISH, Way::signal),
        PRESENCE(Operation.PRESENCE, (server, room, token) -> get(server, "/presence?room=" + room, token));

        private final Operation operation;
        private final Attempt attempt;

        Way(Operation operation, Attempt attempt) {
            this.operation = operation;
            this.attempt = attempt;
        }

        /** Returns whether the operation is one that stores nothing even if it is permitted. */
        private boolean isSignal() {
            return this == SIGNAL || this == SOCKET_SIGNAL;
        }

        private static String get(AccessServer server, String target, String token) {
            return code(server.get(target, token));
        }

        private static String head(AccessServer server, String target, String token) {
            try (RawHttp http = server.connect()) {
                int status = http.send(AccessServer.head("HEAD", target, token))
                        .readHead()
                        .status();
                return status == 200
                        ? "ok"
                        : status == 401 ? "unauthenticated" : status == 403 ? "forbidden" : "" + status;
            }
        }

        private static String stream(AccessServer server, String query, String token, String... headers) {
            try (RawHttp http = server.connect()) {
                http.send(AccessServer.head("GET", "/events?" + query, token, headers));
                return code(http);
            }
        }

        private static String socket(AccessServer server, String query, String token) {
            try (RawHttp http = server.connect()) {
                http.send(AccessServer.head("GET", "/ws" + query, token, WsClient.UPGRADE.strip()));
                return code(http);
            }
        }

        private static String send(AccessServer server, String room, String token) {
            return frame(server, token, "{\"type\":\"send\",\"room\":\"" + room + "\",\"body\":\"sent\",\"ref\":1}");
        }

        private static String subscribe(AccessServer server, String room, String token) {
            return frame(server, token, "{\"type\":\"subscribe\",\"room\":\"" + room + "\",\"ref\":1}");
        }

        private static String signal(AccessServer server, String room, String token) {
            // A signal has no reply, so the ping after it shows that it was taken.
            return frame(
                    server,
                    token,
                    "{\"type\":\"signal\",\"room\":\"" + room + "\",\"event\":\"typing\",\"ref\":1}",
                    "{\"type\":\"ping\"}");
        }

        /** Sends a frame on a socket that reads the hall, and returns the code of the reply. */
        private static String frame(AccessServer server, String token, String... frames) {
            String opened = socket(server, "?room=hall", token);
            if (!opened.equals("ok")) {
                return opened;
            }
            try (WsClient client = server.socket("?room=hall", token)) {
                Stream.of(frames).forEach(client::send);
                String reply = client.text();
                while (!reply.contains("\"ref\":1") && !reply.contains("\"pong\"")) {
                    reply = client.text();
                }
                return reply.contains("\"error\"") ? EntryReader.field(reply, "code") : "ok";
            }
        }

        /** Reads the head of a response that has no end, and the body of a refusal. */
        private static String code(RawHttp http) {
            RawHttp.Response head = http.readHead();
            if (head.status() < 300) {
                return "ok";
            }
            byte[] body = http.readBytes(Integer.parseInt(head.header("content-length")));
            return EntryReader.field(new String(body, StandardCharsets.UTF_8), "code");
        }

        private static String code(RawHttp.Response response) {
            if (response.status() < 300) {
                return "ok";
            }
            String code = EntryReader.field(response.body(), "code");
            int status = code.equals("unauthenticated") ? 401 : 403;
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.header("www-authenticate")).isEqualTo(status == 401 ? "Bearer" : null);
            return code;
        }
    }

    @FunctionalInterface
    private interface Attempt {
        String run(AccessServer server, String room, String token);
    }

    private AccessServer server;

    @AfterEach
    void stop() {
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> eachWayIntoARoomNeedsTheRightTokenWhenTheDecisionIsKnownAtOnce() {
        server = new AccessServer(new InMemoryMessageStore(), false, UnaryOperator.identity());
        return matrix();
    }

    @TestFactory
    Stream<DynamicTest> eachWayIntoARoomNeedsTheRightTokenWhenTheDecisionComesLater() {
        server = new AccessServer(new InMemoryMessageStore(), true, UnaryOperator.identity());
        return matrix();
    }

    private Stream<DynamicTest> matrix() {
        server.publish(ROOM, "first");
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(Token.values())
                        .map(token -> DynamicTest.dynamicTest(way + " with token " + token, () -> check(way, token))));
    }

    private void check(Way way, Token token) {
        int before = server.bodies(ROOM).size();
        server.asked.clear();
        assertThat(way.attempt.run(server, ROOM, token.text)).isEqualTo(token.expected);
        boolean isStored = token == Token.RIGHT && way.operation == Operation.PUBLISH && !way.isSignal();
        assertThat(server.bodies(ROOM)).hasSize(before + (isStored ? 1 : 0));
        AccessServer.Question question = new AccessServer.Question("ann", new Room(ROOM), way.operation);
        if (token.expected.equals("unauthenticated")) {
            assertThat(server.asked).isEmpty();
        } else {
            assertThat(server.asked).contains(question);
        }
        if (token == Token.WRONG_ROOM) {
            // A room that does not exist is refused in the same way.
            assertThat(way.attempt.run(server, "nothing-here", token.text)).isEqualTo("forbidden");
        }
    }
}
