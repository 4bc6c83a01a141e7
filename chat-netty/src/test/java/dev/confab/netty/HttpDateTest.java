package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HttpDateTest {
    private final AtomicLong clock =
            new AtomicLong(Instant.parse("2026-11-07T08:49:37.999Z").toEpochMilli());
    private final HttpDate date = new HttpDate(clock::get);

    @Test
    void theDateHasTheFormatOfRfc9110() {
        assertThat(date.value().toString()).isEqualTo("Sat, 07 Nov 2026 08:49:37 GMT");
        assertThat(date.line().toString()).isEqualTo("date: Sat, 07 Nov 2026 08:49:37 GMT\r\n");
    }

    @Test
    void theDateIsFormattedOncePerSecond() {
        clock.addAndGet(-999);
        CharSequence made = date.line();
        clock.addAndGet(999);
        assertThat((CharSequence) date.line()).isSameAs(made);
        clock.addAndGet(1);
        assertThat(date.line().toString()).isEqualTo("date: Sat, 07 Nov 2026 08:49:38 GMT\r\n");
    }

    @Test
    void theDateFollowsAClockThatStepsBack() {
        clock.addAndGet(-3_600_000);
        assertThat(date.value().toString()).isEqualTo("Sat, 07 Nov 2026 07:49:37 GMT");
    }
}
