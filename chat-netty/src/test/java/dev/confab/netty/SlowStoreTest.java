package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Gate;
import dev.confab.core.ScriptedStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of publishes with a store that is slow. */
@Timeout(30)
final class SlowStoreTest {
    private static final String JSON = "application/json";

    private final ScriptedStore store = new ScriptedStore();
    private final Gate committed = store.holdAfterCommit();

    @Test
    void aPublishThatTheStoreHasForTooLongGetsAResponse() {
        ChatConfig config = ChatConfig.defaults().withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(5));
        try (ChatService chat = new ChatService(store, config);
                ChatServer server = serve(chat);
                RawHttp client = new RawHttp(server.port())) {
            client.post("/messages", JSON, "{\"body\":\"in the store's hands\"}");
            committed.awaitEntered();
            assertRefused(client, "outcome_unknown");
            committed.open();
        }
    }

    /** The publish that the store has must not time out before the other publish arrives. */
    @Test
    void aPublishBeyondTheLimitOfTheQueueGetsAResponseAtOnce() {
        try (ChatService chat = new ChatService(store, ChatConfig.defaults().withMaxQueued(1, 1 << 20));
                ChatServer server = serve(chat);
                RawHttp client = new RawHttp(server.port());
                RawHttp other = new RawHttp(server.port())) {
            client.post("/messages", JSON, "{\"body\":\"in the store's hands\"}");
            committed.awaitEntered();
            assertRefused(other.post("/messages", JSON, "{\"body\":\"one too many\"}"), "overloaded");
            committed.open();
            assertThat(client.read().status()).isEqualTo(201);
        }
    }

    private static ChatServer serve(ChatService chat) {
        return ChatServer.start(ServerFixture.CONFIG, Routes.of(new PublishHandler(chat)));
    }

    private static void assertRefused(RawHttp client, String code) {
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
    }
}
