package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** Checks that stalls of the machine are noticed, with a simulated clock. */
final class StallsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void lateWakeUpIsRecorded() throws InterruptedException {
        // The clock advances by a second whenever it is read, so that each wake-up is late.
        AtomicLong clock = new AtomicLong();
        CountDownLatch wakeUps = new CountDownLatch(6);
        StallWatch watch = StallWatch.start(0, () -> {
            wakeUps.countDown();
            return clock.addAndGet(SECOND);
        });
        wakeUps.await();
        Histogram late = watch.end();
        assertThat(late.getTotalCount()).isGreaterThanOrEqualTo(3);
        assertThat(late.getMinValue()).isGreaterThanOrEqualTo(1_900_000);
        assertThat(new Stalls(late, 0).disturbance().orElseThrow())
                .startsWith("a thread that sleeps for 5 ms woke up ");
    }

    @Test
    void quietMachineDoesNotDisturbARound() {
        assertThat(Results.stalls(49, 0.05).disturbance()).isEmpty();
        assertThat(Results.stalls(1, Double.NaN).disturbance()).isEmpty();
    }

    @Test
    void bothKindsOfStallsAreNamed() {
        assertThat(Results.stalls(60, 0.1).disturbance())
                .hasValue("a thread that sleeps for 5 ms woke up 60.0 ms late, and the hypervisor took 10.0 % of the"
                        + " processor time");
    }

    @Test
    void stolenShareIsThatOfTheTimeOfAllProcessors() {
        ProcessorTime before = ProcessorTime.parse("cpu  10 20 30 40 50 60 70 80 5 5\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
        ProcessorTime after = ProcessorTime.parse("cpu  30 20 30 90 50 60 70 110 25 5\n");
        assertThat(before).isEqualTo(new ProcessorTime(360, 80));
        assertThat(after.stolenShare(before)).isEqualTo(0.3);
    }

    @Test
    void shareIsUnknownWhereTheSystemDoesNotCountStolenTime() {
        ProcessorTime unknown = ProcessorTime.parse("cpu  10 20 30 40\n");
        assertThat(unknown.stolenShare(unknown)).isNaN();
        assertThat(ProcessorTime.parse("").stolenShare(unknown)).isNaN();
    }
}
