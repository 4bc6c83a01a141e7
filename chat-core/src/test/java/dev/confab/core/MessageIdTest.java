package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageIdTest {
    @Test
    void idsAreOrderedAsUnsignedNumbersAndAsText() {
        List<MessageId> ordered = List.of(
                MessageId.MIN,
                new MessageId(0, 1),
                new MessageId(0, Long.MAX_VALUE),
                new MessageId(0, Long.MIN_VALUE),
                new MessageId(0, -1),
                new MessageId(1, 0),
                new MessageId(Long.MAX_VALUE, -1),
                new MessageId(Long.MIN_VALUE, 0),
                MessageId.MAX);
        assertThat(ordered).isSorted();
        assertThat(ordered.stream().map(MessageId::toString)).isSorted();
        assertThat(MessageId.MAX.isAfter(MessageId.MIN)).isTrue();
        assertThat(MessageId.MIN.isAfter(MessageId.MIN)).isFalse();
        assertThat(MessageId.max(MessageId.MAX, MessageId.MIN)).isEqualTo(MessageId.MAX);
    }

    @Test
    void nextIsOneHigher() {
        assertThat(new MessageId(5, 6).next()).isEqualTo(new MessageId(5, 7));
        assertThat(new MessageId(5, -1).next()).isEqualTo(new MessageId(6, 0));
        assertThat(new MessageId(5, Long.MAX_VALUE).next()).isEqualTo(new MessageId(5, Long.MIN_VALUE));
    }

    @Test
    void textIsAUlid() {
        MessageId id = MessageId.parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        assertThat(id).hasToString("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        assertThat(id.time()).isEqualTo(Instant.ofEpochMilli(1_469_922_850_259L));
        assertThat(MessageId.parse("01arz3ndektsv4rrffq69g5fav")).isEqualTo(id);
        assertThat(MessageId.parse(id.toUuid().toString())).isEqualTo(id);
        assertThat(MessageId.parse(id.toUuid().toString().toUpperCase(Locale.ROOT)))
                .isEqualTo(id);
        assertThat(MessageId.of(id.toUuid())).isEqualTo(id);
        assertThat(MessageId.parse(new UUID(0, 0).toString())).isEqualTo(MessageId.MIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                "01ARZ3NDEKTSV4RRFFQ69G5FA!",
                "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
                "0-0-0-0-0-00000000000000000000000000",
                "01563e3a-b5d3-d676-4c61-efb99302bd5g",
                "latest"
            })
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> MessageId.parse(text))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CURSOR))
                .hasMessage("after: " + text + " (expected: a ULID of 26 characters or a UUID of 36)");
    }

    @Test
    void floorOfAnInstantIsTheLowestIdOfItsMillisecond() {
        assertThat(MessageId.floorOf(Instant.ofEpochMilli(1))).isEqualTo(new MessageId(1 << 16, 0));
        assertThat(MessageId.floorOf(Instant.EPOCH.minusNanos(1))).isEqualTo(MessageId.MIN);
        assertThat(MessageId.floorOf(Instant.MIN)).isEqualTo(MessageId.MIN);
        assertThat(MessageId.floorOf(Instant.MAX)).isEqualTo(new MessageId(-1L << 16, 0));
        assertThat(MessageId.floorOf(Instant.ofEpochMilli(1L << 48))).isEqualTo(new MessageId(-1L << 16, 0));
    }

    @Test
    void millisecondsFit48Bits() {
        assertThat(MessageId.of((1L << 48) - 1, -1, -1)).isEqualTo(MessageId.MAX);
        assertThat(Stream.of(-1L, 1L << 48))
                .allSatisfy(millis -> assertThatThrownBy(() -> MessageId.of(millis, 0, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("millis: " + millis + " (expected: 0 to 2^48-1)"));
    }
}
