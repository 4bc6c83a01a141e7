package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.IdFormat;
import dev.confab.core.MessageId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class HelloTest {
    private static final MessageId ID = MessageId.parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    @Test
    void theJsonHasTheSessionAndTheCursor() {
        assertThat(new String(new Hello("00ff", ID, IdFormat.ULID).json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"hello\",\"session\":\"00ff\",\"cursor\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}");
    }

    @Test
    void everyConnectionHasASessionOfItsOwn() {
        assertThat(Hello.at(ID, IdFormat.ULID).session())
                .matches("[0-9a-f]{16}")
                .isNotEqualTo(Hello.at(ID, IdFormat.ULID).session());
    }
}
