package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tries every endpoint of the server from real pages of other origins. */
final class OriginBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    /** Tries each way in which a page can reach another server, and returns the results. */
    private static final String TRY = """
            async (server) => {
              const query = '?room=lobby&nick=eve';
              const settled = (start) => new Promise(start);
              const fetched = async (path, options) => {
                try {
                  const response = await fetch(server + path, options);
                  return response.status + ' ' + (response.headers.get('Chat-Cursor') === null ? '' : 'with cursor');
                } catch (e) {
                  return 'refused';
                }
              };
              const loaded = (tag, path) => settled((done) => {
                const element = document.createElement(tag);
                element.onload = () => done('loaded');
                element.onerror = () => done('refused');
                element.src = server + path;
                document.body.append(element);
              });
              const result = {};
              result.webSocket = await settled((done) => {
                const socket = new WebSocket(server.replace('http', 'ws') + '/ws' + query);
                socket.onmessage = () => { done('open'); socket.close(); };
                socket.onerror = () => done('refused');
              });
              result.eventSource = await settled((done) => {
                const source = new EventSource(server + '/events' + query);
                source.onopen = () => { done('open'); source.close(); };
                source.onerror = () => { done('refused'); source.close(); };
              });
              result.poll = await fetched('/messages' + query + '&wait=0');
              result.postJson = await fetched('/messages', {
                method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"body":"json"}'});
              result.postBlind = await fetched('/messages', {
                method: 'POST', mode: 'no-cors', body: new URLSearchParams({body: 'blind'})});
              result.image = await loaded('img', '/messages' + query + '&wait=0');
              result.script = await loaded('script', '/messages' + query + '&wait=0');
              result.form = await settled((done) => {
                const frame = document.createElement('iframe');
                frame.name = 'answer';
                document.body.append(frame);
                const form = document.createElement('form');
                form.action = server + '/messages';
                form.method = 'post';
                form.target = 'answer';
                const field = document.createElement('input');
                field.name = 'body';
                field.value = 'form';
                form.append(field);
                document.body.append(form);
                frame.onload = () => done('sent');
                form.submit();
              });
              return result;
            }
            """;

    private static HttpServer pages;
    private static Node node;
    private static DirectClient direct;

    @BeforeAll
    static void start() throws IOException {
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            if (exchange.getRequestURI().getPath().equals("/sandboxed")) {
                exchange.getResponseHeaders().set("Content-Security-Policy", "sandbox allow-scripts allow-forms");
            }
            byte[] page = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>other</title>"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        pages.start();
        node = Node.start(NodeConfig.inMemory().withAllowedOrigins(List.of(origin("127.0.0.1"))));
        direct = new DirectClient(node.port());
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
        if (pages != null) {
            pages.stop(0);
        }
    }

    /** The pages: a page of another site, and sandboxed pages, which have the origin {@code null}. */
    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:%d/", "http://localhost:%d/sandboxed", "http://127.0.0.1:%d/sandboxed"})
    void aForeignPageReachesNothing(String url) {
        assertThat(reached(url.formatted(pages.getAddress().getPort())))
                .containsEntry("webSocket", "refused")
                .containsEntry("eventSource", "refused")
                .containsEntry("poll", "refused")
                .containsEntry("postJson", "refused")
                .containsEntry("image", "refused")
                .containsEntry("script", "refused");
        // Every browser sends forms and no-cors requests, and hides their responses from the page. Only the log shows
        // that the server refused them.
        assertThat(direct.ids("lobby")).isEmpty();
    }

    @Test
    void aPageOfAnotherPortIsAlsoForeign() {
        Node strict = Node.start(NodeConfig.inMemory());
        try {
            assertThat(reached(origin("127.0.0.1") + "/", strict.port()))
                    .containsEntry("webSocket", "refused")
                    .containsEntry("eventSource", "refused")
                    .containsEntry("poll", "refused")
                    .containsEntry("postJson", "refused")
                    .containsEntry("image", "refused");
            assertThat(new DirectClient(strict.port()).ids("lobby")).isEmpty();
        } finally {
            strict.close();
        }
    }

    @Test
    void aPageOfAListedOriginReadsAndPublishes() {
        Node open = Node.start(NodeConfig.inMemory().withAllowedOrigins(List.of(origin("127.0.0.1"))));
        try {
            assertThat(reached(origin("127.0.0.1") + "/", open.port()))
                    .containsEntry("webSocket", "open")
                    .containsEntry("eventSource", "open")
                    .containsEntry("poll", "200 with cursor")
                    .containsEntry("postJson", "201 ");
        } finally {
            open.close();
        }
    }

    private static String origin(String host) {
        return "http://" + host + ":" + pages.getAddress().getPort();
    }

    private static Map<String, Object> reached(String url) {
        return reached(url, node.port());
    }

    @SuppressWarnings("unchecked") // the type of the result depends on the script
    private static Map<String, Object> reached(String url, int port) {
        // The browser logs an error for each refusal.
        CHROMIUM.expect(complaint -> true);
        Page page = CHROMIUM.open(url);
        return (Map<String, Object>) page.evaluate(TRY, "http://127.0.0.1:" + port);
    }
}
