package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private final Liveness liveness = new Liveness(
            WebSocketConfig.defaults().withKeepAlive(Duration.ofSeconds(20)).withStuckAfter(Duration.ofSeconds(60)));

    @Test
    void aClientMayBeSilentForTwoPings() {
        assertThat(liveness.countPing()).isTrue();
        assertThat(liveness.countPing()).isTrue();
        assertThat(liveness.countPing()).isFalse();
    }

    @Test
    void aSignOfLifeStartsTheCountAgain() {
        liveness.countPing();
        liveness.countPing();
        liveness.heard();
        assertThat(liveness.countPing()).isTrue();
    }

    @Test
    void aClientThatTakesNothingForSixtySecondsIsStuck() {
        assertThat(liveness.countStall(5_000)).isTrue();
        assertThat(liveness.countStall(5_000)).isTrue();
        assertThat(liveness.countStall(5_000)).isTrue();
        assertThat(liveness.countStall(5_000)).isFalse();
    }

    @Test
    void aClientThatTakesSomethingInEachRoundIsNotStuck() {
        for (long bytes = 5_000; bytes > 4_990; bytes--) {
            assertThat(liveness.countStall(bytes)).isTrue();
        }
    }
}
