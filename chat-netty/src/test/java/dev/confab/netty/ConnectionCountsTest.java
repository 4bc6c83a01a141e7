package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectionCountsTest {
    private final ConnectionCounts counts = new ConnectionCounts();

    @Test
    void eachKeyIsCountedOnItsOwn() {
        assertThat(counts.add("address:192.0.2.1")).isEqualTo(1);
        assertThat(counts.add("address:192.0.2.1")).isEqualTo(2);
        assertThat(counts.add("principal:ann")).isEqualTo(1);
        counts.remove("address:192.0.2.1");
        assertThat(counts.add("address:192.0.2.1")).isEqualTo(2);
    }

    @Test
    void aKeyWithoutConnectionsIsForgotten() {
        for (int i = 0; i < 1_000; i++) {
            counts.add("client " + i);
            counts.add("client " + i);
            counts.remove("client " + i);
            counts.remove("client " + i);
        }
        assertThat(counts.size()).isZero();
    }
}
