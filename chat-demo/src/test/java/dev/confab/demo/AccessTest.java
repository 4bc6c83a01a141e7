package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Nick;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.Authenticator;
import dev.confab.netty.EntryReader;
import dev.confab.netty.EventClient;
import dev.confab.netty.HttpException;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Identity, nicks, tokens, expiry and revocation on connections that are open. */
final class AccessTest {
    private static final String ANN = AccessServer.token("ann", "a");
    private static final String SHORT = AccessServer.tokenFromArrival("ann", "a", Duration.ofMillis(1_500));
    private static final String SEND = "{\"type\":\"send\",\"body\":\"%s\",\"ref\":%d}";

    private final List<AutoCloseable> closed = new ArrayList<>();
    private AccessServer server = start(UnaryOperator.identity());

    private AccessServer start(UnaryOperator<AccessConfig> change) {
        return keep(new AccessServer(new InMemoryMessageStore(), false, change));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        closed.add(0, resource);
        return resource;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : closed) {
            each.close();
        }
    }

    // Nicks

    @Test
    void theNickOfAMessageIsThePrincipals() {
        assertThat(server.post("/messages?room=a", ANN, "{\"body\":\"x\"}").body())
                .contains("\"nick\":\"ann\"");
        assertThat(server.post("/messages?room=a", ANN, "{\"body\":\"x\",\"nick\":\"ann\"}")
                        .status())
                .isEqualTo(201);
        WsClient socket = keep(server.socket("?room=a&after=earliest", ANN));
        socket.send(SEND.formatted("y", 1));
        assertThat(entries(socket, 3)).allMatch(entry -> entry.contains("\"nick\":\"ann\""));
    }

    @Test
    void anotherNickIsForbiddenEverywhere() {
        List<RawHttp.Response> refused = List.of(
                server.post("/messages?room=a", ANN, "{\"body\":\"x\",\"nick\":\"bob\"}"),
                server.post("/pub?room=a&nick=bob&message=x", ANN, ""),
                server.get("/messages?room=a&wait=0&nick=bob", ANN),
                server.get("/events?room=a&nick=bob", ANN),
                server.get("/ws?room=a&nick=bob", ANN, WsClient.UPGRADE.strip()));
        assertThat(refused).allSatisfy(response -> {
            assertThat(response.status()).isEqualTo(403);
            assertThat(response.body()).contains("\"code\":\"forbidden\"", "\"field\":\"nick\"");
        });
        WsClient socket = keep(server.socket("?room=a", ANN));
        socket.send("{\"type\":\"send\",\"body\":\"x\",\"nick\":\"bob\",\"ref\":1}");
        assertThat(reply(socket)).contains("\"code\":\"forbidden\"");
        assertThat(server.bodies("a")).isEmpty();
    }

    @Test
    void aPlainRequestShowsAPageWhyItsWebSocketWasRefused() {
        assertThat(server.get("/ws?room=a", ANN).status()).isEqualTo(426);
        assertThat(server.get("/ws?room=b", ANN).status()).isEqualTo(403);
        assertThat(server.get("/ws?room=a&nick=bob", ANN).status()).isEqualTo(403);
        assertThat(server.get("/ws?room=a", null).status()).isEqualTo(401);
    }

    // Tokens

    @Test
    void aTokenOfAnotherPlaceIsOffUntilThePlaceIsNamed() {
        assertThat(server.get("/messages?room=a&wait=0", null, "Cookie: sid=" + ANN)
                        .status())
                .isEqualTo(401);
        assertThat(server.get("/messages?room=a&wait=0&token=" + ANN, null).status())
                .isEqualTo(401);
        AccessServer open = start(config -> config.withCookie("sid").withQueryParameter("token"));
        assertThat(open.get("/messages?room=a&wait=0", null, "Cookie: x=y; sid=" + ANN)
                        .status())
                .isEqualTo(200);
        assertThat(open.get("/messages?room=a&wait=0&token=" + ANN, null).status())
                .isEqualTo(200);
    }

    @Test
    void aWebSocketMayNameItsTokenAmongTheSubprotocols() {
        WsClient socket = keep(new WsClient(server.connect()));
        String head = socket.request(
                "?room=a", WsClient.UPGRADE + "Sec-WebSocket-Protocol: confab.v1, bearer." + ANN + "\r\n");
        assertThat(head).contains(" 101 ", "sec-websocket-protocol: confab.v1").doesNotContain(ANN);
    }

    @Test
    void twoAuthorizationHeadersAreRefused() {
        assertThat(server.get("/messages?room=a&wait=0", ANN, "Authorization: Bearer " + ANN)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void theHealthOfTheServerNeedsNoToken() {
        assertThat(server.get("/health", null).status()).isEqualTo(200);
    }

    @Test
    void aConnectionThatRepeatsItsHeadIsAskedAboutEachTime() {
        String bob = AccessServer.token("bob", "b");
        RawHttp http = keep(server.connect());
        for (int i = 0; i < 20; i++) {
            http.send(AccessServer.head("GET", "/messages?room=a&wait=0", ANN));
            assertThat(http.read().status()).isEqualTo(200);
        }
        http.send(AccessServer.head("GET", "/messages?room=a&wait=0", bob));
        assertThat(http.read().status()).isEqualTo(403);
        http.send(AccessServer.head("GET", "/messages?room=a&wait=0", null));
        assertThat(http.read().status()).isEqualTo(401);
        http.send(AccessServer.head("GET", "/messages?room=a&wait=0", ANN));
        assertThat(http.read().status()).isEqualTo(200);
    }

    @Test
    void aDecisionIsUsedAgainOnItsConnectionOnly() {
        RawHttp http = keep(server.connect());
        for (int i = 0; i < 3; i++) {
            http.send(AccessServer.head("GET", "/messages?room=a&wait=0", ANN));
            assertThat(http.read().status()).isEqualTo(200);
        }
        assertThat(server.asked).hasSize(1);
        server.get("/messages?room=a&wait=0", ANN);
        assertThat(server.asked).hasSize(2);
    }

    @Test
    void aDecisionIsNotKeptWhenItsLifetimeIsZero() {
        AccessServer strict = start(config -> config.withDecisionLifetime(Duration.ZERO));
        RawHttp http = keep(strict.connect());
        for (int i = 0; i < 3; i++) {
            http.send(AccessServer.head("GET", "/messages?room=a&wait=0", ANN));
            assertThat(http.read().status()).isEqualTo(200);
        }
        assertThat(strict.asked).hasSize(3);
    }

    @Test
    void aTokenIsUsedAgainForItsLifetimeUnlessItChangesOrIsRevoked() throws Exception {
        AccessServer lasting = start(config -> config.withTokenLifetime(Duration.ofHours(1)));
        RawHttp http = keep(lasting.connect());
        String poll = "/messages?room=a&wait=0";
        for (int i = 0; i < 3; i++) {
            http.send(AccessServer.head("GET", poll, ANN));
            assertThat(http.read().status()).isEqualTo(200);
        }
        assertThat(lasting.authentications.get()).isEqualTo(1);
        http.send(AccessServer.head("GET", poll, AccessServer.token("bob", "b")));
        assertThat(http.read().status()).isEqualTo(403);
        http.send(AccessServer.head("GET", poll, null));
        assertThat(http.read().status()).isEqualTo(401);
        http.send(AccessServer.head("GET", poll, ANN));
        assertThat(http.read().status()).isEqualTo(200);
        int before = lasting.authentications.get();
        lasting.access.revoke(new Nick("ann")).join();
        http.send(AccessServer.head("GET", poll, ANN));
        assertThat(http.read().status()).isEqualTo(200);
        assertThat(lasting.authentications.get()).isEqualTo(before + 1);
        String dying = AccessServer.token("ann", "a", Duration.ofMillis(300));
        int status;
        do {
            http.send(AccessServer.head("GET", poll, dying));
            status = http.read().status();
        } while (status == 200);
        assertThat(status).isEqualTo(401);
    }

    @Test
    void aFailureOfTheApplicationIsAServerErrorWithoutDetails() {
        String broken = "ann.a.tomorrow"; // not a number, for which the authenticator of the test fails
        RawHttp.Response response = server.get("/messages?room=a", broken);
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.body()).contains("\"code\":\"internal\"").doesNotContain("tomorrow");
    }

    @Test
    void publishesOfASocketKeepTheirOrderWhenDecisionsComeLater() {
        AccessServer slow = keep(new AccessServer(
                new InMemoryMessageStore(), true, config -> config.withDecisionLifetime(Duration.ZERO)));
        WsClient socket = keep(slow.socket("?room=a", ANN));
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add("m" + i);
            socket.send(SEND.formatted("m" + i, i));
        }
        List<String> bodies = entries(socket, 200).stream()
                .map(entry -> EntryReader.field(entry, "body"))
                .toList();
        assertThat(bodies).isEqualTo(sent);
    }

    // The first frame

    @Test
    void aWebSocketWithoutATokenIsRefusedUnlessTheFirstFrameMayBringIt() {
        assertThat(server.get("/ws?room=a", null, WsClient.UPGRADE.strip()).status())
                .isEqualTo(401);
        AccessServer open = start(config -> config.withFirstFrame(Duration.ofSeconds(20)));
        open.publish("a", "before");
        WsClient socket = keep(new WsClient(open.connect()).upgrade("?room=a&after=earliest"));
        socket.send("{\"type\":\"auth\",\"token\":\"" + ANN + "\",\"ref\":7}");
        socket.send(SEND.formatted("after", 8));
        assertThat(socket.text()).contains("\"type\":\"authenticated\"", "\"ref\":7");
        assertThat(socket.text()).contains("\"type\":\"hello\"");
        assertThat(entries(socket, 2))
                .extracting(entry -> EntryReader.field(entry, "body"))
                .containsExactly("before", "after");
    }

    @Test
    void aFirstFrameWithoutAValidTokenClosesTheWebSocket() {
        AccessServer open = start(config -> config.withFirstFrame(Duration.ofSeconds(20)));
        for (String frame : List.of(
                "{\"type\":\"auth\",\"token\":\"nonsense\"}",
                "{\"type\":\"auth\"}",
                "{\"type\":\"ping\"}",
                SEND.formatted("x", 1),
                "hello")) {
            WsClient socket = keep(new WsClient(open.connect()).upgrade("?room=a"));
            socket.send(frame);
            assertThat(closeCode(socket)).as(frame).isEqualTo(4501);
        }
        WsClient forbidden = keep(new WsClient(open.connect()).upgrade("?room=b"));
        forbidden.send("{\"type\":\"auth\",\"token\":\"" + ANN + "\"}");
        assertThat(closeCode(forbidden)).isEqualTo(4503);
        assertThat(open.bodies("a")).isEmpty();
    }

    @Test
    void aWebSocketWhoseFirstFrameDoesNotComeInTimeIsClosed() {
        AccessServer open = start(config -> config.withFirstFrame(Duration.ofMillis(100)));
        WsClient socket = keep(new WsClient(open.connect()).upgrade("?room=a"));
        assertThat(closeCode(socket)).isEqualTo(4501);
    }

    @Test
    void aWebSocketWhoseTokenIsNotCheckedInTimeMayComeBack() {
        AtomicBoolean isAsked = new AtomicBoolean();
        Authenticator silent = credentials -> {
            if (credentials.token() == null) {
                throw HttpException.unauthenticated("A valid token is needed");
            }
            isAsked.set(true);
            return new CompletableFuture<>();
        };
        AccessServer open =
                start(config -> AccessConfig.of(silent, config.authorizer()).withFirstFrame(Duration.ofMillis(100)));
        int code;
        // The first frame of a slow machine may come too late.
        do {
            WsClient socket = keep(new WsClient(open.connect()).upgrade("?room=a"));
            socket.send("{\"type\":\"auth\",\"token\":\"" + ANN + "\"}");
            code = closeCode(socket);
        } while (!isAsked.get());
        assertThat(code).isEqualTo(1013);
    }

    @Test
    void aShutdownClosesWebSocketsThatHaveNotAuthenticated() {
        AccessServer open = start(config -> config.withFirstFrame(Duration.ofSeconds(20)));
        WsClient socket = keep(new WsClient(open.connect()).upgrade("?room=a"));
        Thread closing = new Thread(open.server::close);
        closing.start();
        assertThat(closeCode(socket)).isEqualTo(1001);
    }

    // Expiry

    @Test
    void aPollThatWaitsIsAnsweredWhenItsTokenExpires() {
        RawHttp.Response response = server.get("/messages?room=a&wait=60", SHORT);
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).contains("\"code\":\"unauthenticated\"", "expired");
        assertThat(server.get("/sub?room=a", SHORT).status()).isEqualTo(401);
    }

    @Test
    void anEventStreamEndsWithAnErrorWhenItsTokenExpires() {
        EventClient stream =
                keep(EventClient.get(server.connect(), "/events?room=a", "Authorization: Bearer " + SHORT));
        stream.start();
        String block = stream.block();
        assertThat(block).startsWith("event: error\ndata: {").contains("\"code\":\"unauthenticated\"");
        assertThat(block).doesNotContain("id:");
        stream.awaitEnd();
    }

    @Test
    void aWebSocketClosesWhenItsTokenExpiresUnlessAnotherOneComesInTime() {
        WsClient lives = keep(new WsClient(server.connect()));
        String later = AccessServer.token("ann", "a", Duration.ofHours(1));
        byte[] auth = WsClient.encode("{\"type\":\"auth\",\"token\":\"" + later + "\",\"ref\":1}");
        // One write has the handshake and the frame, so that the frame cannot come too late.
        lives.http()
                .send(AccessServer.head("GET", "/ws?room=a", SHORT, WsClient.UPGRADE.strip())
                        + new String(auth, StandardCharsets.ISO_8859_1));
        assertThat(lives.http().readHead().status()).isEqualTo(101);
        assertThat(reply(lives)).contains("\"type\":\"authenticated\"", "\"expires\":\"");
        WsClient dies = keep(server.socket("?room=a", SHORT));
        assertThat(closeCode(dies)).isEqualTo(4401);
        // The first token of the other socket expired earlier, so that socket would be closed by now.
        server.publish("a", "still here");
        assertThat(entries(lives, 1).get(0)).contains("still here");
    }

    @Test
    void aRefusedTokenLeavesTheConnectionAsItIs() {
        WsClient socket = keep(server.socket("?room=a", ANN));
        socket.send("{\"type\":\"auth\",\"token\":\"nonsense\",\"ref\":1}");
        assertThat(reply(socket)).contains("\"code\":\"unauthenticated\"").doesNotContain("nonsense");
        socket.send("{\"type\":\"auth\",\"token\":\"" + AccessServer.token("bob", "b") + "\",\"ref\":2}");
        assertThat(reply(socket)).contains("\"code\":\"forbidden\"");
        socket.send(SEND.formatted("x", 3));
        assertThat(entries(socket, 1).get(0)).contains("\"nick\":\"ann\"");
    }

    @Test
    void aTokenThatDoesNotPermitTheRoomsOfTheConnectionIsRefused() {
        WsClient socket = keep(server.socket("?room=hall", ANN));
        socket.send("{\"type\":\"subscribe\",\"room\":\"a\",\"ref\":1}");
        assertThat(reply(socket)).contains("\"type\":\"subscribed\"");
        String moved = "{\"type\":\"auth\",\"token\":\"" + AccessServer.token("ann", "b") + "\",\"ref\":%d}";
        socket.send(moved.formatted(2));
        assertThat(reply(socket)).contains("\"type\":\"error\"", "\"code\":\"forbidden\"");
        socket.send("{\"type\":\"unsubscribe\",\"room\":\"a\",\"ref\":3}");
        assertThat(reply(socket)).contains("\"type\":\"unsubscribed\"");
        socket.send(moved.formatted(4));
        assertThat(reply(socket)).contains("\"type\":\"authenticated\"");
        socket.send("{\"type\":\"subscribe\",\"room\":\"a\",\"ref\":5}");
        assertThat(reply(socket)).contains("\"code\":\"forbidden\"");
    }

    @Test
    void framesBehindATokenAreTakenWithTheNewToken() {
        AccessServer slow = keep(new AccessServer(new InMemoryMessageStore(), true, UnaryOperator.identity()));
        WsClient socket = keep(slow.socket("?room=hall", ANN));
        socket.send("{\"type\":\"auth\",\"token\":\"" + AccessServer.token("ann", "b") + "\",\"ref\":1}");
        socket.send("{\"type\":\"subscribe\",\"room\":\"a\",\"ref\":2}");
        assertThat(reply(socket)).contains("\"type\":\"authenticated\"");
        assertThat(reply(socket)).contains("\"code\":\"forbidden\"");
    }

    // Limits

    @Test
    void aPrincipalHasABoundedNumberOfReaders() {
        AccessServer small = start(config -> config.withMaxReaders(2));
        WsClient first = keep(small.socket("?room=a", ANN));
        awaitReader(first);
        awaitReader(keep(small.socket("?room=a", ANN)));
        assertThat(closeCode(keep(small.socket("?room=a", ANN)))).isEqualTo(4429);
        RawHttp.Response poll = small.get("/messages?room=a&wait=60", ANN);
        assertThat(poll.status()).isEqualTo(429);
        assertThat(poll.body()).contains("\"code\":\"too_many_connections\"");
        assertThat(poll.header("retry-after")).isEqualTo("1");
        EventClient stream = keep(EventClient.get(small.connect(), "/events?room=a", "Authorization: Bearer " + ANN));
        stream.start();
        assertThat(stream.block()).startsWith("event: error").contains("too_many_connections");
        // Another client, and a publish of the same client, are not concerned.
        assertThat(small.get("/messages?room=b&wait=0", AccessServer.token("bob", "b"))
                        .status())
                .isEqualTo(200);
        assertThat(small.post("/messages?room=a", ANN, "{\"body\":\"x\"}").status())
                .isEqualTo(201);
        first.bye(1000);
        assertThat(closeCode(first)).isEqualTo(1000);
        assertThat(firstEntry(small)).contains("\"body\":\"x\"");
    }

    /** Connects until there is room for one more reader: a reader counts until shortly after its close frame. */
    private String firstEntry(AccessServer small) {
        while (true) {
            WsClient next = keep(small.socket("?room=a&after=earliest", ANN));
            assertThat(next.text()).contains("hello");
            WsClient.Frame frame = next.frame();
            if (frame.opcode() == WsClient.TEXT) {
                return frame.text();
            }
            assertThat(frame.code()).isEqualTo(4429);
        }
    }

    // Revocation

    @Test
    void aRevocationEndsEveryConnectionOfThePrincipal() throws Exception {
        WsClient socket = keep(server.socket("?room=a", ANN));
        WsClient other = keep(server.socket("?room=b", AccessServer.token("bob", "b")));
        EventClient stream = keep(EventClient.get(server.connect(), "/events?room=a", "Authorization: Bearer " + ANN));
        stream.start();
        RawHttp poll = keep(server.connect());
        poll.send(AccessServer.head("GET", "/messages?room=a&after=latest&wait=60", ANN));
        server.awaitQuestions(4);
        server.access.revoke(new Nick("ann")).join();

        assertThat(closeCode(socket)).isEqualTo(4504);
        assertThat(stream.block()).startsWith("event: error");
        stream.awaitEnd();
        assertThat(poll.read().status()).isEqualTo(401);
        other.send(SEND.formatted("x", 1));
        assertThat(entries(other, 1)).hasSize(1);
    }

    @Test
    void aRevocationIsNoEntryOfAnyRoom() {
        server.access.revoke(new Nick("ann")).join();
        assertThat(server.bodies("a")).isEmpty();
        assertThat(server.get("/messages?room=$revocations&wait=0", ANN).status())
                .isEqualTo(400);
        assertThat(server.post("/messages?room=$revocations", ANN, "{\"body\":\"x\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void manyRevocationsOfOthersDoNotEndTheUseOfDecisions() throws Exception {
        WsClient socket = keep(server.socket("?room=a", ANN));
        socket.send(SEND.formatted("first", 1));
        server.awaitQuestions(2);
        List<CompletableFuture<Void>> revoked = IntStream.range(0, 2_000)
                .mapToObj(i -> server.access.revoke(new Nick("other" + i)))
                .toList();
        revoked.forEach(CompletableFuture::join);
        socket.send(SEND.formatted("second", 2));
        assertThat(entries(socket, 2)).hasSize(2);
        assertThat(server.asked).isEmpty();
    }

    /** Returns the next entries, and skips other frames. */
    private static List<String> entries(WsClient socket, int count) {
        List<String> entries = new ArrayList<>();
        while (entries.size() < count) {
            String frame = socket.text();
            if (frame.contains("\"type\":\"message\"")) {
                entries.add(frame);
            }
        }
        return entries;
    }

    /** Returns the next frame that repeats a {@code ref}. */
    private static String reply(WsClient socket) {
        String frame = socket.text();
        while (!frame.contains("\"ref\":")) {
            frame = socket.text();
        }
        return frame;
    }

    /** Returns when the socket counts as a reader. It does so after its {@code hello}, before its first frame. */
    private static void awaitReader(WsClient socket) {
        assertThat(socket.text()).contains("hello");
        socket.send("{\"type\":\"ping\"}");
        assertThat(socket.text()).contains("pong");
    }

    private static int closeCode(WsClient socket) {
        WsClient.Frame frame = socket.frame();
        while (frame.opcode() != WsClient.CLOSE) {
            frame = socket.frame();
        }
        return frame.code();
    }
}
