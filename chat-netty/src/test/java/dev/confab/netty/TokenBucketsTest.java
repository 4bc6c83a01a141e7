package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {
    private final Clock clock = new Clock();
    private final TokenBuckets buckets = new TokenBuckets(2, 5, clock);

    @Test
    void aClientTakesTheBurstAndThenTheRate() {
        assertThat(taken("address:192.0.2.1", 20)).isEqualTo(5);
        clock.advance(Duration.ofMillis(499));
        assertThat(taken("address:192.0.2.1", 20)).isZero();
        clock.advance(Duration.ofMillis(1));
        assertThat(taken("address:192.0.2.1", 20)).isOne();
        clock.advance(Duration.ofSeconds(1));
        assertThat(taken("address:192.0.2.1", 20)).isEqualTo(2);
        clock.advance(Duration.ofHours(1));
        assertThat(taken("address:192.0.2.1", 20)).isEqualTo(5);
    }

    @Test
    void eachKeyHasABucketOfItsOwn() {
        assertThat(taken("address:192.0.2.1", 20)).isEqualTo(5);
        assertThat(taken("principal:192.0.2.1", 20)).isEqualTo(5);
        assertThat(taken("address:192.0.2.1", 20)).isZero();
    }

    @Test
    void theNumberOfRememberedClientsIsBounded() {
        assertThat(taken("idle", 20)).isEqualTo(5);
        assertThat(taken("active", 20)).isEqualTo(5);
        for (int i = 0; i < TokenBuckets.MAX_KEYS - 1; i++) {
            buckets.take("client " + i);
            if (i % 1_000 == 0) {
                assertThat(buckets.take("active")).isFalse();
            }
        }
        assertThat(buckets.size()).isEqualTo(TokenBuckets.MAX_KEYS);
        assertThat(taken("active", 20)).as("an active client stays known").isZero();
        assertThat(taken("idle", 20)).as("a forgotten client has a full bucket").isEqualTo(5);
        assertThat(buckets.size()).isEqualTo(TokenBuckets.MAX_KEYS);
    }

    private int taken(String key, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += buckets.take(key) ? 1 : 0;
        }
        return taken;
    }

    private static final class Clock implements TimeMeter {
        private long nanos;

        void advance(Duration time) {
            nanos += time.toNanos();
        }

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
