package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class GrowthTest {
    @Test
    void steadyGrowthIsFoundDespiteOutliers() {
        Growth growth = new Growth();
        for (int i = 0; i <= 40; i++) {
            growth.add(100 + i * 10, 5_000 + i * 3 + (i % 10 == 9 ? 100_000 : 0) - (i % 7 == 6 ? 4_000 : 0));
        }
        assertThat(growth.overAll()).isCloseTo(120, within(1.0));
    }

    @Test
    void fluctuatingFigureDoesNotGrow() {
        Growth growth = new Growth();
        for (int i = 0; i < 48; i++) {
            growth.add(i * 10, 1_000 + i % 6 * 100);
        }
        assertThat(growth.overAll()).isLessThan(100);
    }

    @Test
    void fewerThanTwoSamplesShowNoGrowth() {
        Growth growth = new Growth();
        growth.add(1, 1);
        assertThat(growth.overAll()).isZero();
    }
}
