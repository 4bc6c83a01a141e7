package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import org.junit.jupiter.api.Test;

class PublishLimitTest {
    private static final Principal ANN = Principal.of("ann");
    private static final Principal BOB = Principal.of("bob");

    /** The time stands still, so the buckets get no tokens. */
    private final TokenBuckets buckets = new TokenBuckets(1, 3, new TimeMeter() {
        @Override
        public long currentTimeNanos() {
            return 0;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    });

    @Test
    void anAddressIsLimitedForAllItsPrincipals() {
        PublishLimit office = new PublishLimit(buckets, "address:192.0.2.1");
        assertThat(counted(office.and(ANN), 2)).isEqualTo(2);
        assertThat(counted(office.and(BOB), 2)).isEqualTo(1);
        assertThat(counted(office, 2)).isZero();
    }

    @Test
    void aPrincipalIsLimitedFromAllItsAddresses() {
        assertThat(counted(new PublishLimit(buckets, "address:192.0.2.1").and(ANN), 2))
                .isEqualTo(2);
        assertThat(counted(new PublishLimit(buckets, "address:192.0.2.2").and(ANN), 2))
                .isEqualTo(1);
        assertThat(counted(new PublishLimit(buckets, null).and(ANN), 2)).isZero();
    }

    @Test
    void refusedPublishesOfAPrincipalDoNotCountForItsAddress() {
        assertThat(counted(new PublishLimit(buckets, "address:192.0.2.1").and(ANN), 9))
                .isEqualTo(3);
        PublishLimit office = new PublishLimit(buckets, "address:192.0.2.2");
        assertThat(counted(office.and(ANN), 9)).isZero();
        assertThat(counted(office.and(BOB), 9)).isEqualTo(3);
    }

    private static int counted(PublishLimit limit, int publishes) {
        int counted = 0;
        for (int i = 0; i < publishes; i++) {
            try {
                limit.count();
                counted++;
            } catch (HttpException e) {
                assertThat(e.code()).isEqualTo("rate_limited");
            }
        }
        return counted;
    }
}
