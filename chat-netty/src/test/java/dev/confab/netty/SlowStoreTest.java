package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Gate;
import dev.confab.core.ScriptedStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of publishes with a store that takes longer than the publish timeout. */
@Timeout(30)
final class SlowStoreTest {
    private static final String JSON = "application/json";

    @Test
    void publishesGetResponsesInTime() {
        ScriptedStore store = new ScriptedStore();
        ChatConfig config = ChatConfig.defaults()
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(5))
                .withMaxQueued(1, 1 << 20);
        Gate committed = store.holdAfterCommit();
        try (ChatService chat = new ChatService(store, config);
                ChatServer server = ChatServer.start(ServerFixture.CONFIG, Routes.of(new PublishHandler(chat)));
                RawHttp client = new RawHttp(server.port());
                RawHttp other = new RawHttp(server.port())) {
            client.post("/messages", JSON, "{\"body\":\"in the store's hands\"}");
            committed.awaitEntered();
            assertRefused(other.post("/messages", JSON, "{\"body\":\"one too many\"}"), "overloaded");
            assertRefused(client, "outcome_unknown");
            committed.open();
        }
    }

    private static void assertRefused(RawHttp client, String code) {
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
    }
}
