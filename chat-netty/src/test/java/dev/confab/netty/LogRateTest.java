package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LogRateTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final LogRate rate = new LogRate(Duration.ofMinutes(1), clock::get);

    @Test
    void theFirstFailureIsLoggedAndThenTheNumberOfFailuresOnceAMinute() {
        assertThat(rate.count()).isEqualTo(1);
        for (int i = 0; i < 59; i++) {
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(rate.count()).isZero();
        }
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(rate.count()).isEqualTo(60);
        assertThat(rate.count()).isZero();
    }
}
