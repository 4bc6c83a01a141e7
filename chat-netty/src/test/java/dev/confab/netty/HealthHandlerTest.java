package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Health;
import dev.confab.core.ScriptedStore;
import dev.confab.core.StoreException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of the responses of {@code GET /health} for load balancers and operators. */
@Timeout(30)
final class HealthHandlerTest {
    @ParameterizedTest
    @EnumSource(names = "OK", mode = EnumSource.Mode.EXCLUDE)
    void aFailureOfTheStoreIsReportedByItsCode(Health health) {
        ScriptedStore store = new ScriptedStore();
        try (ChatService chat = new ChatService(store, ChatConfig.defaults());
                ChatServer server = ChatServer.start(ServerFixture.CONFIG, Routes.of(new HealthHandler(chat)));
                RawHttp client = new RawHttp(server.port())) {
            assertThat(client.get("/health").read().body()).isEqualTo("{\"status\":\"ok\"}");

            store.failReads(
                    new StoreException(
                            StoreException.Kind.UNAVAILABLE,
                            "store: scripted",
                            null,
                            new StoreException.Diagnosis(health, "scripted", "scripted")),
                    1);
            RawHttp.Response failed = client.get("/health").read();
            assertThat(failed.status()).isEqualTo(503);
            assertThat(failed.header("retry-after")).isEqualTo("1");
            assertThat(failed.body()).isEqualTo("{\"status\":\"unavailable\",\"code\":\"" + health.code() + "\"}");

            assertThat(client.get("/health").read().status()).isEqualTo(200);
        }
    }
}
