package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.websocket.ClientFrame.Ref;
import dev.confab.websocket.ClientFrame.Tag;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ServerFrameTest {
    private static final MessageId ID = MessageId.parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    @Test
    void ack() {
        assertThat(text(ServerFrame.ack(ID.toString(), Tag.NONE)))
                .isEqualTo("{\"type\":\"ack\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}");
        assertThat(text(ServerFrame.ack(ID.toString(), new Tag("k", new Ref("007", false)))))
                .isEqualTo("{\"type\":\"ack\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"key\":\"k\",\"ref\":\"007\"}");
        assertThat(text(ServerFrame.ack(ID.toString(), new Tag(null, new Ref("1.50e3", true)))))
                .isEqualTo("{\"type\":\"ack\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"ref\":1.50e3}");
    }

    @Test
    void error() {
        assertThat(text(ServerFrame.error("invalid_key", "key: é", new Tag("é", null))))
                .isEqualTo(
                        "{\"type\":\"error\",\"code\":\"invalid_key\",\"detail\":\"key: \\u00E9\",\"key\":\"\\u00E9\"}");
    }

    @Test
    void changesOfRooms() {
        assertThat(text(ServerFrame.subscribed(Room.LOBBY, ID.toString(), new Tag(null, new Ref("7", true)))))
                .isEqualTo("{\"type\":\"subscribed\",\"room\":\"lobby\",\"cursor\":\"" + ID + "\",\"ref\":7}");
        assertThat(text(ServerFrame.unsubscribed(Room.LOBBY, ID.toString(), Tag.NONE)))
                .isEqualTo("{\"type\":\"unsubscribed\",\"room\":\"lobby\",\"cursor\":\"" + ID + "\"}");
    }

    @Test
    void pong() {
        assertThat(text(ServerFrame.pong())).isEqualTo("{\"type\":\"pong\"}");
    }

    @Test
    void anUnpairedSurrogateIsRepeatedUnchanged() {
        assertThat(text(ServerFrame.ack(ID.toString(), new Tag(null, new Ref("\ud800", false)))))
                .contains("\"ref\":\"\\uD800\"");
    }

    @Test
    void aTooLongKeyIsNotRepeated() {
        assertThat(text(ServerFrame.error("invalid_key", "d", new Tag("k".repeat(65), null))))
                .doesNotContain("kk");
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
