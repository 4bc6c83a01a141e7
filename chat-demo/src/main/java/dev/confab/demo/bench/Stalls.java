package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * How often the machine stood still during the measured time of a round.
 *
 * @param late how late the thread of {@link StallWatch} woke up, in microseconds
 * @param stolenShare the share of the processor time that the hypervisor took, 0 to 1; NaN when it is unknown
 */
record Stalls(Histogram late, double stolenShare) {
    /** A round with a later wake-up is disturbed. */
    static final double MAX_LATE_MILLIS = 50;

    /** A round in which the hypervisor took more is disturbed. */
    static final double MAX_STOLEN_SHARE = 0.05;

    double latestMillis() {
        return Result.millis(late, 100);
    }

    /** Returns the reason why the figures do not describe the server alone; empty when the machine was quiet. */
    Optional<String> disturbance() {
        List<String> reasons = new ArrayList<>();
        if (latestMillis() > MAX_LATE_MILLIS) {
            reasons.add("a thread that sleeps for " + StallWatch.SLEEP_MILLIS + " ms woke up "
                    + Figures.millis(latestMillis()) + " ms late");
        }
        if (stolenShare > MAX_STOLEN_SHARE) {
            reasons.add("the hypervisor took " + percent(stolenShare) + " of the processor time");
        }
        return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join(", and ", reasons));
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }
}
