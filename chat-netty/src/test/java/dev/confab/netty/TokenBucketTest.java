package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long START = Long.MAX_VALUE - 7;

    private final TokenBucket bucket = new TokenBucket(new SignalConfig(10, 20), START);

    @Test
    void aBurstIsFollowedByTheAverage() {
        assertThat(taken(0)).isEqualTo(20);
        assertThat(taken(99)).isZero();
        assertThat(taken(100)).isEqualTo(1);
        assertThat(taken(1_100)).isEqualTo(10);
    }

    @Test
    void anIdleBucketHoldsOneBurst() {
        assertThat(taken(3_600_000)).isEqualTo(20);
    }

    private long taken(long millis) {
        long now = START + TimeUnit.MILLISECONDS.toNanos(millis);
        return IntStream.range(0, 50).filter(i -> bucket.take(now)).count();
    }
}
