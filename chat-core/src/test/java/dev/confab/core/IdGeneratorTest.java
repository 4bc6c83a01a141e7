package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IdGeneratorTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123Z");

    private final ManualClock clock = new ManualClock(NOON);
    private final IdGenerator ids = new IdGenerator(clock, () -> -1L);

    @Test
    void theIdOfANewMillisecondHasItsTimeAndRandomBits() {
        MessageId id = ids.next(MessageId.MIN);
        assertThat(id.time()).isEqualTo(NOON);
        assertThat(id.low()).isEqualTo(-1L);
        assertThat(id.high() & 0xFFFF).as("the highest random bit stays free").isEqualTo(0x7FFF);
        assertThat(new IdGenerator(clock).next(MessageId.MIN)).isNotEqualTo(new IdGenerator(clock).next(MessageId.MIN));
    }

    @Test
    void aSecondIdInAMillisecondIsTheNextHigherId() {
        MessageId first = ids.next(MessageId.MIN);
        assertThat(ids.next(first)).isEqualTo(first.next());
    }

    @Test
    void aClockThatSteppedBackGivesTheNextHigherId() {
        MessageId first = ids.next(MessageId.MIN);
        clock.advance(Duration.ofHours(-1));
        assertThat(ids.next(first)).isEqualTo(first.next());
        clock.set(NOON.plusMillis(1));
        assertThat(ids.next(first).time()).isEqualTo(NOON.plusMillis(1));
    }

    @Test
    void aClockBefore1970CountsAs1970() {
        clock.set(Instant.MIN);
        assertThat(ids.next(MessageId.MIN)).isEqualTo(MessageId.MIN.next());
        clock.set(Instant.ofEpochMilli(-1));
        assertThat(ids.next(MessageId.MIN)).isEqualTo(MessageId.MIN.next());
    }

    @Test
    void aClockPastTheLastTimestampCountsAsTheLastTimestamp() {
        clock.set(Instant.MAX);
        MessageId end = ids.next(MessageId.MIN);
        assertThat(end.high() >>> 16).isEqualTo((1L << 48) - 1);
        assertThat(ids.next(end)).isEqualTo(end.next());
        assertThat(ids.next(end).isAfter(end)).isTrue();
    }

    @Test
    void thereIsNoIdAfterTheHighestId() {
        assertThatThrownBy(() -> ids.next(MessageId.MAX))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("last: 7ZZZZZZZZZZZZZZZZZZZZZZZZZ (expected: below the highest possible id)");
    }

    @Test
    void anAgeIsSubtractedFromTheTimeButNotBelow1970() {
        assertThat(MessageId.floorOfAge(NOON, Duration.ofHours(12)))
                .isEqualTo(MessageId.floorOf(Instant.parse("2026-11-21T00:00:00.123Z")));
        assertThat(MessageId.floorOfAge(NOON, Duration.ofSeconds(Long.MAX_VALUE)))
                .isEqualTo(MessageId.MIN);
        assertThat(MessageId.floorOfAge(Instant.MIN, Duration.ofHours(1))).isEqualTo(MessageId.MIN);
        assertThat(MessageId.floorOfAge(Instant.MAX, Duration.ZERO)).isEqualTo(MessageId.floorOf(Instant.MAX));
    }
}
