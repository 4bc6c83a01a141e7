package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the search for the highest rate, with simulated results instead of a server. */
final class SweepTest {
    private final List<Double> tried = new ArrayList<>();

    @Test
    void rateDoublesUntilAStepFailsTwiceAndThenTheIntervalIsHalved() {
        Sweep.Found found = new Sweep(50, 100, 20_000).run(Transport.SSE, rate -> result(rate, rate <= 570 ? 40 : 60));
        assertThat(tried).containsExactly(100.0, 200.0, 400.0, 800.0, 800.0, 600.0, 600.0, 500.0, 550.0, 575.0, 575.0);
        assertThat(found.passed().load().rate()).isEqualTo(550);
        assertThat(found.failed().result().load().rate()).isEqualTo(575);
        assertThat(found.failed().failure()).startsWith("p99 of 60");
    }

    @Test
    void singleStallDoesNotEndTheSearch() {
        Sweep.Found found = new Sweep(50, 100, 200).run(Transport.SSE, rate -> result(rate, tried.isEmpty() ? 60 : 40));
        assertThat(tried).containsExactly(100.0, 100.0, 200.0);
        assertThat(found.passed().load().rate()).isEqualTo(200);
        assertThat(found.failed()).isNull();
    }

    @Test
    void failingFirstStepYieldsNoRate() {
        Sweep.Found found = new Sweep(50, 100, 200).run(Transport.SSE, rate -> result(rate, 60));
        assertThat(found.passed()).isNull();
        assertThat(tried).containsExactly(100.0, 100.0);
    }

    private Result result(double rate, int millis) {
        tried.add(rate);
        return Results.of(Transport.SSE, rate, millis);
    }
}
