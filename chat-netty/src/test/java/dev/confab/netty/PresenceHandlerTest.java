package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.RoomSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PresenceHandlerTest {
    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final ChatServer server = ChatServer.start(ServerFixture.CONFIG, Routes.of(new PresenceHandler(chat)));

    @AfterEach
    void stop() {
        server.close();
        chat.close();
        store.close();
    }

    @Test
    void oneRoomIsReturnedAsAnObject() {
        assertThat(get("?room=a")).isEqualTo("{\"room\":\"a\",\"participants\":[]}");
        assertThat(get("?room=a&room=a")).isEqualTo("{\"room\":\"a\",\"participants\":[]}");
        assertThat(get("?room=")).isEqualTo("{\"room\":\"lobby\",\"participants\":[]}");
    }

    @Test
    void severalRoomsAreReturnedAsAnArraySortedByRoom() {
        assertThat(get("?room=b&room=a"))
                .isEqualTo("[{\"room\":\"a\",\"participants\":[]},{\"room\":\"b\",\"participants\":[]}]");
    }

    @Test
    void theMaximumNumberOfRoomsFitsIntoARequest() {
        String query = IntStream.range(0, RoomSet.MAX_ROOMS)
                .mapToObj(i -> "room=" + "r".repeat(62) + (10 + i))
                .collect(Collectors.joining("&", "?", ""));
        assertThat(get(query)).contains("\"room\":\"" + "r".repeat(62) + "73\"");
    }

    private String get(String query) {
        try (RawHttp client = new RawHttp(server.port())) {
            RawHttp.Response response = client.get("/presence" + query).read();
            assertThat(response.status()).as(response.body()).isEqualTo(200);
            return response.body();
        }
    }
}
