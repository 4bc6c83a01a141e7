package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.RawHttp;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that the example of docs/security.md does what the page says. */
final class SecuredServerTest {
    private final ChatService chat = new ChatService(new InMemoryMessageStore(), ChatConfig.defaults());
    private final SecuredServer server = new SecuredServer(
            chat,
            new ConcurrentHashMap<>(Map.of(
                    "c00k1e", new SecuredServer.Login("ann", Instant.now().plusSeconds(3_600)))),
            Map.of("ann", Set.of("a")));

    @AfterEach
    void stop() {
        server.close();
        chat.close();
    }

    @Test
    void annReadsAndWritesHerRoomOnlyUntilSheLogsOut() {
        assertThat(status("GET", "/messages?wait=0&room=a", "c00k1e")).isEqualTo(200);
        assertThat(status("GET", "/messages?wait=0&room=b", "c00k1e")).isEqualTo(403);
        assertThat(status("GET", "/messages?wait=0&room=a", "guess")).isEqualTo(401);
        try (RawHttp waiting = new RawHttp(server.port())) {
            waiting.send(request("GET", "/messages?wait=60&room=a", "c00k1e"));
            server.logOut("c00k1e");
            assertThat(waiting.read().status()).isEqualTo(401);
        }
        assertThat(status("GET", "/messages?wait=0&room=a", "c00k1e")).isEqualTo(401);
    }

    private int status(String method, String target, String cookie) {
        try (RawHttp http = new RawHttp(server.port())) {
            return http.send(request(method, target, cookie)).read().status();
        }
    }

    private static String request(String method, String target, String cookie) {
        return method + " " + target + " HTTP/1.1\r\nHost: test\r\nCookie: theme=dark; session=" + cookie + "\r\n\r\n";
    }
}
