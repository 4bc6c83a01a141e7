package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests every endpoint of the server with the headers of every kind of page. */
class OriginTest {
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n";

    /** A request to an endpoint: the start of its request line, the headers that it needs, and its body. */
    private record Door(String line, String headers, String body) {}

    private static final Map<Door, Integer> DOORS = Map.of(
            new Door("GET /messages?wait=0", "", ""), 200,
            new Door("GET /messages?before=latest", "", ""), 200,
            new Door("POST /messages", FORM, "body=x"), 201,
            new Door("POST /pub", FORM.replace("6", "9"), "message=x"), 200,
            new Door("GET /sub?last=1", "", ""), 200,
            new Door("GET /events", "", ""), 200,
            new Door("GET /ws", WsClient.UPGRADE, ""), 101,
            new Door("GET /presence", "", ""), 200,
            new Door("OPTIONS /messages", "", ""), 204);

    private static final List<String> OWN = List.of(
            "", "Origin: http://%s", "Origin: https://%s", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none");

    private static final List<String> FOREIGN = List.of(
            "Origin: https://evil.example",
            "Origin: null",
            "Origin: http://evil.%s",
            "Origin: http://%s.evil.example",
            "Origin: http://localhost",
            "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example",
            "Origin: https://evil.example\r\nSec-Fetch-Site: same-origin",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate");

    private static Node node;

    @BeforeAll
    static void start() {
        node = Node.start(NodeConfig.inMemory().withAllowedOrigins(List.of("https://app.example")));
        new DirectClient(node.port()).say("lobby", "ann", "a message for /sub");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void ownPagesAndClientsThatAreNotBrowsersAreServed() {
        for (String said : OWN) {
            DOORS.forEach((door, status) -> {
                RawHttp.Response response = send(door, said);
                assertThat(response.status()).as("%s with '%s'", door, said).isEqualTo(status);
                assertThat(response.header("access-control-allow-origin")).isNull();
            });
        }
    }

    @Test
    void foreignPagesAreRefused() {
        for (String said : FOREIGN) {
            DOORS.forEach((door, status) -> {
                RawHttp.Response response = send(door, said);
                assertThat(response.status()).as("%s with '%s'", door, said).isEqualTo(403);
                assertThat(response.body()).contains("\"code\":\"forbidden_origin\"");
                assertThat(response.header("access-control-allow-origin")).isNull();
            });
        }
    }

    @Test
    void pagesOfAListedOriginAreServedAndMayReadTheResponse() {
        for (String more : List.of("", "\r\nSec-Fetch-Site: cross-site", "\r\nSec-Fetch-Site: same-site")) {
            DOORS.forEach((door, status) -> {
                RawHttp.Response response = send(door, "Origin: https://app.example" + more);
                assertThat(response.status()).as("%s", door).isEqualTo(status);
                if (status != 101) {
                    assertThat(response.header("access-control-allow-origin")).isEqualTo("https://app.example");
                    assertThat(response.header("access-control-expose-headers")).isEqualTo("Chat-Cursor, Retry-After");
                    assertThat(response.header("vary")).isEqualToIgnoringCase("origin");
                }
            });
        }
    }

    @Test
    void thePageAndTheHealthCheckAreOpenToEveryOrigin() {
        for (String path : List.of("/", "/health")) {
            for (String said : FOREIGN) {
                RawHttp.Response response = send(new Door("GET " + path, "", ""), said);
                assertThat(response.status()).as(path + " with '%s'", said).isEqualTo(200);
                assertThat(response.header("access-control-allow-origin")).isNull();
            }
        }
    }

    private static RawHttp.Response send(Door door, String said) {
        String host = "chat.example:" + node.port();
        String origin = said.isEmpty() ? "" : said.formatted(host) + "\r\n";
        try (RawHttp http = new RawHttp(node.port())) {
            http.send(door.line + " HTTP/1.1\r\nHost: " + host + "\r\n" + origin + door.headers + "\r\n" + door.body);
            // An event stream has no end, so the body is read only if its length is known.
            RawHttp.Response head = http.readHead();
            String length = head.header("content-length");
            String body =
                    length == null ? "" : new String(http.readBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
            return new RawHttp.Response(head.status(), head.statusLine(), head.headers(), body);
        }
    }
}
