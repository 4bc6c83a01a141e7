package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import dev.confab.netty.Routes;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests which tokens and cookies of real pages of other origins reach an endpoint. */
final class CredentialBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    /** Sends a token and cookies in each way in which a page can send them, and returns the results. */
    private static final String TRY = """
            async (server) => {
              const fetched = async (options) => {
                try {
                  const response = await fetch(server + '/seen', options);
                  return response.type === 'opaque' ? 'hidden' : await response.text();
                } catch (e) {
                  return 'refused';
                }
              };
              const result = {};
              result.token = await fetched({headers: {'Authorization': 'Bearer t0ken'}});
              result.cookie = await fetched({credentials: 'include'});
              result.both = await fetched({credentials: 'include', headers: {'Authorization': 'Bearer t0ken'}});
              result.blind = await fetched({credentials: 'include', mode: 'no-cors'});
              result.webSocket = await new Promise((done) => {
                const socket = new WebSocket(server.replace('http', 'ws') + '/seen');
                socket.onclose = () => done('closed');
              });
              return result;
            }
            """;

    /** The host of all pages is that of the server, because a browser sends its cookies to all ports of a host. */
    private static HttpServer bank;

    private static HttpServer app;
    private static HttpServer evil;
    private static ChatServer server;
    private static final Seen SEEN = new Seen();

    @BeforeAll
    static void start() throws IOException {
        bank = pages();
        app = pages();
        evil = pages();
        server = ChatServer.start(
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                Routes.of(SEEN).allowing(List.of(origin(app))).allowingCredentials(List.of(origin(bank))));
    }

    @AfterAll
    static void stop() {
        for (HttpServer pages : new HttpServer[] {bank, app, evil}) {
            if (pages != null) {
                pages.stop(0);
            }
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void forget() {
        SEEN.requests.clear();
    }

    @Test
    void aPageOfAnOriginWithCredentialsSendsTokensAndCookies() {
        assertThat(sent(bank))
                .containsEntry("token", "token")
                .containsEntry("cookie", "cookie")
                .containsEntry("both", "token cookie");
        // A request without CORS has no Origin and is refused. The last request is the handshake of the WebSocket.
        assertThat(SEEN.requests).containsExactly("token", "cookie", "token cookie", "cookie");
    }

    @Test
    void aPageOfAnAllowedOriginSendsTokensOnly() {
        assertThat(sent(app))
                .containsEntry("token", "token")
                .containsEntry("cookie", "refused")
                .containsEntry("both", "refused");
        // The browser sends the cookie with a request without a preflight, and with the handshake of the WebSocket. The
        // endpoint does not see it.
        assertThat(SEEN.requests).containsExactly("token", "", "");
    }

    @Test
    void aPageOfAnyOtherOriginSendsNothing() {
        assertThat(sent(evil))
                .containsEntry("token", "refused")
                .containsEntry("cookie", "refused")
                .containsEntry("both", "refused");
        assertThat(SEEN.requests).isEmpty();
    }

    private static HttpServer pages() throws IOException {
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            byte[] page = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>other</title>"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.getResponseHeaders().set("Set-Cookie", "sid=c00kie; HttpOnly; SameSite=Lax");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        pages.start();
        return pages;
    }

    private static String origin(HttpServer pages) {
        return "http://127.0.0.1:" + pages.getAddress().getPort();
    }

    @SuppressWarnings("unchecked") // the type of the result depends on the script
    private static Map<String, Object> sent(HttpServer pages) {
        // The browser logs an error for each refusal.
        CHROMIUM.expect(complaint -> true);
        Page page = CHROMIUM.open(origin(pages) + "/");
        return (Map<String, Object>) page.evaluate(TRY, "http://127.0.0.1:" + server.port());
    }

    /** Responds with the credentials of the request, and records them. */
    private static final class Seen implements Endpoint {
        private final List<String> requests = new CopyOnWriteArrayList<>();

        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/seen";
        }

        @Override
        public void handle(Exchange exchange) {
            String token = exchange.request().headers().contains("Authorization", "Bearer t0ken", false) ? "token" : "";
            String cookie = exchange.request().headers().contains("Cookie", "sid=c00kie", false) ? "cookie" : "";
            String credentials = (token + " " + cookie).strip();
            requests.add(credentials);
            exchange.answer(Response.json(
                    HttpResponseStatus.OK, Unpooled.copiedBuffer(credentials, StandardCharsets.US_ASCII)));
        }
    }
}
