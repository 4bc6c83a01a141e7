package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LiveEventTest {
    @Test
    void aNoticeHasTheFieldsThatAreGiven() {
        assertThat(json(LiveEvent.notice(Room.LOBBY, null, "a\nb")))
                .isEqualTo("{\"type\":\"notice\",\"room\":\"lobby\",\"text\":\"a\\nb\"}");
        assertThat(json(LiveEvent.notice(Room.LOBBY, "9f1c", "é")))
                .isEqualTo("{\"type\":\"notice\",\"room\":\"lobby\",\"session\":\"9f1c\",\"text\":\"\\u00E9\"}");
        assertThat(json(LiveEvent.notice(null, null, "x"))).isEqualTo("{\"type\":\"notice\",\"text\":\"x\"}");
    }

    @Test
    void aSignalHasANickIfItsSenderHasOne() {
        assertThat(json(LiveEvent.signal(new Signal(Room.LOBBY, "typing", "", null, "9f1c"))))
                .isEqualTo("{\"type\":\"signal\",\"room\":\"lobby\",\"event\":\"typing\",\"data\":\"\"}");
        assertThat(json(LiveEvent.signal(new Signal(Room.LOBBY, "at", "7", new Nick("ann"), null))))
                .isEqualTo("{\"type\":\"signal\",\"room\":\"lobby\",\"event\":\"at\",\"data\":\"7\","
                        + "\"nick\":\"ann\"}");
    }

    private static String json(LiveEvent event) {
        return new String(event.json(), StandardCharsets.US_ASCII);
    }
}
