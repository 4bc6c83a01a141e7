package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SignalHandlerTest {
    private static final String JSON = "application/json";

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final BlockingQueue<Signal> heard = new LinkedBlockingQueue<>();
    private final ChatServer server = ChatServer.start(
            ServerFixture.CONFIG, Routes.of(new SignalHandler(chat, new Sessions(new SignalConfig(1, 3)))));
    private final RawHttp client = new RawHttp(server.port());

    SignalHandlerTest() {
        chat.addSignalListener(heard::add);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        chat.close();
        store.close();
    }

    @Test
    void aSignalIsDeliveredAndNotStored() throws Exception {
        RawHttp.Response response = client.post(
                        "/signals?room=a", JSON, "{\"event\":\"typing\",\"data\":\"x\",\"nick\":\"ann\",\"other\":[1]}")
                .read();
        assertThat(response.status()).isEqualTo(204);
        assertThat(heard.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Signal(new Room("a"), "typing", "x", new Nick("ann"), null));
        assertThat(chat.head()).isEqualTo(store.lastId());
        client.post("/signals", JSON, "{\"event\":\"typing\",\"data\":null,\"nick\":\"\"}")
                .read();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(new Signal(Room.LOBBY, "typing", "", null, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    /signals         | application/json | {'data':'x'}                      | 400 | invalid_event
                    /signals         | application/json | {'event':'a b'}                   | 400 | invalid_event
                    /signals         | application/json | {'event':7}                       | 400 | invalid_event
                    /signals         | application/json | {'event':'x','nick':'a\\u0007'}   | 400 | invalid_nick
                    /signals         | application/json | {'event':'x','data':'\\ud800'}    | 400 | invalid_text
                    /signals         | application/json | [1]                               | 400 | invalid_json
                    /signals         | application/json | {'event':'x'} {}                  | 400 | invalid_json
                    /signals         | text/plain       | {'event':'x'}                     | 415 | unsupported_media_type
                    /signals?nick=a  | application/json | {'event':'x'}                     | 400 | invalid_parameter
                    /signals?room=+  | application/json | {'event':'x'}                     | 400 | invalid_room
                    """)
    void anInvalidSignalIsRefused(String target, String type, String json, int status, String code) {
        RawHttp.Response response =
                client.post(target, type, json.replace('\'', '"')).read();
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
        assertThat(heard).isEmpty();
    }

    @Test
    void aSignalThatIsTooLargeIsRefused() {
        RawHttp.Response response = client.post(
                        "/signals", JSON, "{\"event\":\"x\",\"data\":\"" + "x".repeat(1_025) + "\"}")
                .read();
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.body()).contains("\"code\":\"message_too_large\"").contains("\"field\":\"data\"");
    }

    @Test
    void aConnectionThatSendsTooManySignalsIsRefused() {
        RawHttp.Response response = null;
        for (int i = 0; i < 100 && (response == null || response.status() == 204); i++) {
            response = client.post("/signals", JSON, "{\"event\":\"x\"}").read();
        }
        assertThat(response).isNotNull();
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.body()).contains("\"code\":\"too_many_signals\"");
        try (RawHttp other = new RawHttp(server.port())) {
            assertThat(other.post("/signals", JSON, "{\"event\":\"x\"}").read().status())
                    .isEqualTo(204);
        }
    }
}
