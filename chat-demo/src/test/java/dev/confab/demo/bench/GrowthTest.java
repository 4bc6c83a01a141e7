package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class GrowthTest {
    @Test
    void steadyGrowthIsFoundDespiteOutliers() {
        Growth growth = new Growth(60);
        for (int i = 0; i <= 40; i++) {
            growth.add(100 + i * 10, 5_000 + i * 3 + (i % 10 == 9 ? 100_000 : 0) - (i % 7 == 6 ? 4_000 : 0));
        }
        assertThat(growth.overAll()).isCloseTo(120, within(1.0));
    }

    @Test
    void aCycleIsNoGrowthWhereverItsSamplesBegin() {
        for (int phase = 0; phase < 60; phase++) {
            assertThat(sawtooth(phase, 0).overAll()).as("phase %d", phase).isCloseTo(0, within(0.5));
        }
    }

    @Test
    void growthIsFoundUnderACycle() {
        for (int phase = 0; phase < 60; phase++) {
            assertThat(sawtooth(phase, 0.1).overAll()).as("phase %d", phase).isCloseTo(8, within(0.5));
        }
    }

    @Test
    void samplesThatAreLessThanACycleApartShowNothing() {
        Growth growth = new Growth(60);
        growth.add(1, 1);
        growth.add(30, 1);
        assertThatIllegalStateException()
                .isThrownBy(growth::overAll)
                .withMessage("samples: 2 (expected: two that are a cycle apart)");
    }

    /** Returns 80 seconds of a figure that rises by 20 in each minute, falls back, and grows by this much a second. */
    private static Growth sawtooth(int phase, double growing) {
        Growth growth = new Growth(60);
        for (int i = 0; i <= 40; i++) {
            int second = 2 * i;
            growth.add(second, 70 + (phase + second) % 60 / 3.0 + second * growing);
        }
        return growth;
    }
}
