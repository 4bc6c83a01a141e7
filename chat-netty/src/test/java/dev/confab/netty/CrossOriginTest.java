package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the responses to requests from pages of other origins. */
class CrossOriginTest {
    private static final String APP = "Origin: https://app.example";
    private static final String BANK = "Origin: https://bank.example";
    private static final String EVIL = "Origin: https://evil.example";

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final Routes routes = Routes.of(
            new PublishHandler(chat),
            new HealthHandler(chat),
            new Fixed(
                    "/page",
                    false,
                    e -> e.answer(Response.json(
                            HttpResponseStatus.OK, Unpooled.copiedBuffer("[]", StandardCharsets.US_ASCII)))),
            new Fixed("/whole", true, CrossOriginTest::answerWhole),
            new Fixed(
                    "/cookie",
                    true,
                    e -> e.answer(Response.json(
                            HttpResponseStatus.OK,
                            Unpooled.copiedBuffer(
                                    "\"" + e.request().headers().getAllAsString(HttpHeaderNames.COOKIE) + "\"",
                                    StandardCharsets.US_ASCII)))),
            new Fixed("/same", true, e -> e.answer(Response.of(HttpResponseStatus.NOT_MODIFIED))),
            new Fixed("/broken", true, e -> {
                throw new IllegalStateException("on purpose");
            }),
            new Fixed(
                    "/stream",
                    true,
                    e -> e.takeOver(Response.of(HttpResponseStatus.OK), new ChannelInboundHandlerAdapter())));
    private ChatServer server = ChatServer.start(
            ServerFixture.CONFIG,
            routes.allowing(List.of("https://app.example")).allowingCredentials(List.of("https://bank.example")));

    @AfterEach
    void stop() {
        server.close();
        chat.close();
        store.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /whole",
                "GET /same",
                "GET /broken",
                "GET /nothing",
                "GET /messages",
                "GET /page",
                "GET /stream",
                "GET /health",
                "POST /messages",
                "OPTIONS /messages",
                "GET /whole HTTP/1.0"
            })
    void aListedOriginMayReadEveryResponse(String request) {
        RawHttp.Response response = send(request, APP);
        assertThat(response.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(response.header("access-control-expose-headers")).isEqualTo("Chat-Cursor, Retry-After");
        assertThat(response.header("vary")).isEqualTo("origin");
        assertThat(response.header("access-control-allow-credentials")).isNull();
    }

    @Test
    void aListedOriginMayReadTheResponseToARefusedRequest() {
        RawHttp.Response response = send("POST /messages", APP, "Content-Length: 10000000");
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.header("access-control-allow-origin")).isEqualTo("https://app.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /whole", "GET /same", "GET /stream", "POST /messages", "OPTIONS /messages"})
    void aForeignPageIsRefused(String request) {
        for (String said : List.of(EVIL, "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site")) {
            RawHttp.Response response = send(request, said);
            assertThat(response.status()).as(said).isEqualTo(403);
            assertThat(response.body()).contains("\"code\":\"forbidden_origin\"");
            assertThat(response.header("access-control-allow-origin")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /whole", "GET /same", "GET /stream", "GET /health"})
    void requestsThatAreNotCrossOriginGetNoCorsHeaders(String request) {
        for (String said :
                List.of("X: none", "Origin: https://test", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none")) {
            RawHttp.Response response = send(request, said);
            assertThat(response.status()).as(said).isLessThan(400);
            assertThat(response.header("access-control-allow-origin")).isNull();
        }
    }

    /** Without the refusal, the message would be stored although the page cannot read the response. */
    @Test
    void aForeignFormIsNotPublished() {
        String form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\nbody=x";
        assertThat(send("POST /messages", EVIL, form).status()).isEqualTo(403);
        assertThat(chat.head()).isEqualTo(store.lastId());
        var head = chat.head();
        assertThat(send("POST /messages", APP, form).status()).isEqualTo(201);
        assertThat(chat.head()).isNotEqualTo(head);
    }

    @Test
    void aLinkOnAnyPageOpensAPage() {
        RawHttp.Response response = send("GET /page", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("vary")).isEqualTo("origin");
        assertThat(send("GET /page", EVIL).header("access-control-allow-origin"))
                .isNull();
    }

    @Test
    void theHealthEndpointRespondsToEveryOrigin() {
        for (String said : List.of(EVIL, "Origin: null", "Sec-Fetch-Site: cross-site")) {
            RawHttp.Response response = send("GET /health", said);
            assertThat(response.status()).as(said).isEqualTo(200);
            assertThat(response.header("access-control-allow-origin")).isNull();
        }
    }

    @Test
    void aPreflightListsTheAllowedMethodsAndHeaders() {
        RawHttp.Response response = send("OPTIONS /messages", APP, "Access-Control-Request-Method: POST");
        assertThat(response.status()).isEqualTo(204);
        assertThat(response.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(response.header("access-control-allow-methods")).isEqualTo("POST, OPTIONS");
        assertThat(response.header("access-control-allow-headers"))
                .isEqualTo("Authorization, Content-Type, Last-Event-ID, Cache-Control, X-Requested-With");
        assertThat(response.header("access-control-max-age")).isEqualTo("7200");
        RawHttp.Response refused = send("OPTIONS /messages", EVIL, "Access-Control-Request-Method: POST");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("access-control-allow-methods")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /whole", "GET /broken", "GET /nothing", "GET /stream", "POST /messages"})
    void anOriginWithCredentialsIsNamedExactly(String request) {
        RawHttp.Response response = send(request, BANK, "Cookie: sid=1");
        assertThat(response.header("access-control-allow-origin")).isEqualTo("https://bank.example");
        assertThat(response.header("access-control-allow-credentials")).isEqualTo("true");
        assertThat(response.header("vary")).isEqualTo("origin");
    }

    @Test
    void thePreflightTellsWhetherCredentialsAreAllowed() {
        RawHttp.Response bank = send("OPTIONS /messages", BANK, "Access-Control-Request-Method: POST");
        assertThat(bank.header("access-control-allow-credentials")).isEqualTo("true");
        assertThat(bank.header("access-control-allow-headers")).startsWith("Authorization, ");
        RawHttp.Response app = send("OPTIONS /messages", APP, "Access-Control-Request-Method: POST");
        assertThat(app.header("access-control-allow-credentials")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "Origin: https://bank.example, [sid=1]",
        "Origin: https://app.example, []",
        "Origin: https://test, [sid=1]",
        "X: none, [sid=1]"
    })
    void anEndpointSeesCookiesOfOwnPagesAndOfOriginsWithCredentialsOnly(String origin, String cookies) {
        try (RawHttp http = new RawHttp(server.port())) {
            // From the third request on, the header lines are known and not decoded again.
            for (int i = 0; i < 4; i++) {
                http.send("GET /cookie HTTP/1.1\r\nHost: test\r\nCookie: sid=1\r\n" + origin + "\r\n\r\n");
                assertThat(http.read().body()).isEqualTo("\"" + cookies + "\"");
            }
        }
    }

    @Test
    void aListedOriginThatIsTheServersOwnKeepsItsCookies() {
        try (RawHttp http = new RawHttp(server.port())) {
            http.send("GET /cookie HTTP/1.1\r\nHost: app.example\r\nCookie: sid=1\r\n" + APP + "\r\n\r\n");
            assertThat(http.read().body()).isEqualTo("\"[sid=1]\"");
        }
    }

    @Test
    void anAllowedOriginAppliesToOneResponseOnly() {
        try (RawHttp http = new RawHttp(server.port())) {
            String request = "GET /whole HTTP/1.1\r\nHost: test\r\n";
            http.send(request + APP + "\r\n\r\n" + request + "\r\n" + "broken\r\n\r\n");
            assertThat(http.read().header("access-control-allow-origin")).isEqualTo("https://app.example");
            RawHttp.Response second = http.read();
            assertThat(second.header("x-whole")).isEqualTo("yes");
            assertThat(second.header("access-control-allow-origin")).isNull();
            RawHttp.Response third = http.read();
            assertThat(third.status()).isEqualTo(400);
            assertThat(third.header("access-control-allow-origin")).isNull();
        }
    }

    private RawHttp.Response send(String request, String... headers) {
        String line = request.contains(" HTTP/") ? request : request + " HTTP/1.1";
        try (RawHttp http = new RawHttp(server.port())) {
            http.send(line + "\r\nHost: test\r\nConnection: close\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
            if (request.contains("/stream")) {
                http.shutdownOutput();
            }
            return http.read();
        }
    }

    private static void answerWhole(Exchange exchange) {
        if (exchange.takesWhole()) {
            exchange.answerWhole(Unpooled.copiedBuffer(
                    "HTTP/1.1 204 No Content\r\nX-Whole: yes\r\n\r\n", StandardCharsets.US_ASCII));
        } else {
            exchange.answer(Response.of(HttpResponseStatus.NO_CONTENT));
        }
    }

    private record Fixed(String path, boolean isGuarded, Consumer<Exchange> answer) implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public void handle(Exchange exchange) {
            answer.accept(exchange);
        }
    }
}
