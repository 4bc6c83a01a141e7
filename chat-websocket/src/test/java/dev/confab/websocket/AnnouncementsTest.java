package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.netty.WsClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of the notices when a client without a nick connects and disconnects. */
@Timeout(60)
class AnnouncementsTest {
    @Test
    void aClientWithoutANickIsAnnouncedToAllOthersOfItsRooms() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults().withAnnounceAnonymous(true));
                WsClient first = server.greeted("?room=a");
                WsClient elsewhere = server.greeted("?room=b");
                WsClient second = server.open("?room=a")) {
            String name = field(second.text(), "session");
            assertThat(first.text()).isEqualTo(notice(name, "connected"));
            second.bye(1000);
            assertThat(first.text()).isEqualTo(notice(name, "disconnected"));
            server.chat.publish(Draft.of(new Room("b"), "next")).join();
            assertThat(elsewhere.text()).contains("\"body\":\"next\"");
        }
    }

    @Test
    void aClientIsNotAnnouncedToItself() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults().withAnnounceAnonymous(true));
                WsClient client = server.greeted("?room=a")) {
            server.chat.publish(Draft.of(new Room("a"), "next")).join();
            assertThat(client.text()).contains("\"body\":\"next\"");
        }
    }

    @Test
    void aParticipantIsAnnouncedOnlyByItsJoin() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults().withAnnounceAnonymous(true));
                WsClient first = server.greeted("?room=a")) {
            // The server announces the first client after the hello, and ann must not be connected by then.
            server.settle();
            try (WsClient ann = server.greeted("?room=a&nick=ann")) {
                assertThat(first.text()).startsWith("{\"type\":\"join\"");
                server.chat.publish(Draft.of(new Room("a"), "next")).join();
                assertThat(first.text()).contains("\"body\":\"next\"");
                assertThat(ann.text()).contains("\"body\":\"next\"");
            }
        }
    }

    @Test
    void nobodyIsAnnouncedByDefault() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults());
                WsClient first = server.greeted("?room=a");
                WsClient second = server.greeted("?room=a")) {
            server.chat.publish(Draft.of(new Room("a"), "next")).join();
            assertThat(first.text()).contains("\"body\":\"next\"");
            assertThat(second.text()).contains("\"body\":\"next\"");
        }
    }

    private static String notice(String session, String text) {
        return "{\"type\":\"notice\",\"room\":\"a\",\"session\":\"" + session + "\",\"text\":\"" + text + "\"}";
    }
}
