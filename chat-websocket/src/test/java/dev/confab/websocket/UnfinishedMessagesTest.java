package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Routes;
import dev.confab.netty.WsClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of many connections whose unfinished messages each keep their bounds but together exceed the input budget. */
final class UnfinishedMessagesTest {
    private static final ChatServerConfig CONFIG = ChatServerConfig.defaults()
            .withAddress("127.0.0.1", 0)
            .withEventLoops(1)
            .withDrain(Duration.ZERO, Duration.ofSeconds(10))
            .withBudgets(512 << 10, 512 << 10);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theConnectionWithTheOldestUnfinishedMessageIsClosedWith1013(boolean inFragments) {
        List<WsClient> clients = new ArrayList<>();
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults());
                ChatServer server =
                        ChatServer.start(CONFIG, Routes.of(new WebSocketHandler(chat, WebSocketConfig.defaults())))) {
            WsClient first = begun(server, inFragments);
            clients.add(first);
            while (first.http().available() == 0) {
                clients.add(begun(server, inFragments));
            }

            assertThat(first.closeCode()).isEqualTo(1013);
            assertThat(clients).hasSizeBetween(3, 20);
            try (WsClient other = WsServer.connect(server.port()).upgrade("")) {
                assertThat(other.text()).startsWith("{\"type\":\"hello\"");
            }
        } finally {
            clients.forEach(WsClient::close);
        }
    }

    private static WsClient begun(ChatServer server, boolean inFragments) {
        WsClient client = WsServer.connect(server.port()).greet("");
        byte[] part = new byte[50_000];
        Arrays.fill(part, (byte) 'x');
        byte[] frame = WsClient.encode(!inFragments, WsClient.TEXT, part);
        client.http().send(inFragments ? frame : Arrays.copyOf(frame, 40_000));
        return client;
    }
}
