package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.EntryReader;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.TransportContract;
import dev.confab.netty.TransportReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class LinesContractTest extends TransportContract {
    @Override
    protected Endpoint endpoint(ChatService chat) {
        return new LinesHandler(chat, Duration.ofMillis(20));
    }

    @Override
    protected TransportReader connect(int port, String query) {
        return new LinesClient(new RawHttp(port), query);
    }

    @Test
    void aClientWithANickIsAParticipantUntilItDisconnects() {
        ChatConfig config = ChatConfig.defaults().withPresenceGrace(Duration.ZERO);
        try (ChatService chat = new ChatService(new InMemoryMessageStore(), config);
                ChatServer server = serve(chat);
                TransportReader observer = connect(server.port(), "after=earliest")) {
            connect(server.port(), "after=latest&nick=Ada").close();
            assertThat(observer.next()).startsWith("{\"type\":\"join\"").contains("\"nick\":\"Ada\"");
            assertThat(observer.next()).startsWith("{\"type\":\"leave\"").contains("\"nick\":\"Ada\"");
        }
    }

    @Test
    void theBodyOfAStreamIsCompleteWhenTheServerShutsDown() {
        RawHttp http;
        try (ChatService chat = new ChatService(new InMemoryMessageStore(), ChatConfig.defaults());
                ChatServer server = serve(chat)) {
            http = new RawHttp(server.port()).get("/lines");
            assertThat(http.readHead().status()).isEqualTo(200);
        }
        try (http) {
            assertThat(http.readToEnd()).startsWith("54\r\n{\"type\":\"hello\"").endsWith("\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void aClientWithoutChunksIsRefused() {
        try (ChatService chat = new ChatService(new InMemoryMessageStore(), ChatConfig.defaults());
                ChatServer server = serve(chat);
                RawHttp http = new RawHttp(server.port())) {
            assertThat(http.send("GET /lines HTTP/1.0\r\n\r\n").read().status()).isEqualTo(505);
        }
    }

    private ChatServer serve(ChatService chat) {
        ChatServerConfig config = ChatServerConfig.defaults()
                .withAddress("127.0.0.1", 0)
                .withEventLoops(2)
                .withDrain(Duration.ZERO, Duration.ofSeconds(10));
        return ChatServer.start(config, Routes.of(endpoint(chat)));
    }

    /** Reads lines. Each chunk contains whole lines. */
    private static final class LinesClient extends EntryReader {
        private final Queue<String> lines = new ArrayDeque<>();

        LinesClient(RawHttp http, String query) {
            super(http);
            check(http.get("/lines?" + query).readHead(), 200);
        }

        @Override
        protected String receive() {
            if (lines.isEmpty()) {
                byte[] chunk = http().readBytes(Integer.parseInt(http().readLine(), 16));
                assertThat(http().readLine()).isEmpty();
                new String(chunk, StandardCharsets.UTF_8).lines().forEach(lines::add);
            }
            String line = lines.poll();
            return line == null || line.isEmpty() || line.startsWith(HELLO) ? null : line;
        }
    }
}
