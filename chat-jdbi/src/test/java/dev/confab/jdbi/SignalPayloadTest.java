package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalPayloadTest {
    @Test
    void aSignalComesBackWithoutItsSession() {
        Signal sent = new Signal(new Room("a"), "typing", "two\nlines\n", new Nick("ann b"), "9f1c");
        SignalPayload payload = new SignalPayload(7, -3, sent);
        Signal heard = new Signal(new Room("a"), "typing", "two\nlines\n", new Nick("ann b"), null);
        assertThat(SignalPayload.is(payload.format())).isTrue();
        assertThat(SignalPayload.parse(payload.format())).isEqualTo(new SignalPayload(7, -3, heard));
        Signal empty = new Signal(new Room("a"), "typing", "", null, null);
        assertThat(SignalPayload.parse(new SignalPayload(7, -3, empty).format()))
                .isEqualTo(new SignalPayload(7, -3, empty));
    }

    /** PostgreSQL refuses a notification of 8,000 bytes. */
    @Test
    void theLargestSignalFitsIntoANotification() {
        String name = "x".repeat(64);
        Signal largest = new Signal(new Room(name), name, "x".repeat(1_024), new Nick("\ud83d\ude00".repeat(64)), null);
        String payload = new SignalPayload(Long.MIN_VALUE, Long.MIN_VALUE, largest).format();
        assertThat(payload.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(8_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "signal", "signal\n1\n2\na\nx\n", "signal\n1\n2\na b\nx\n\n", "signal\nx\n2\na\nx\n\n"})
    void anotherFormIsIgnored(String payload) {
        assertThat(SignalPayload.parse(payload)).isNull();
    }
}
