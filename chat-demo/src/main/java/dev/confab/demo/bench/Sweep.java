package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Searches for the highest rate at which a transport delivers in time: doubles the rate until a step fails twice, then
 * halves the interval. A function {@code trial} measures a given rate. For one thread.
 *
 * @param limitMillis the limit of the 99th percentile of the latency
 * @param from the first rate
 * @param most the highest rate that is tried
 */
record Sweep(double limitMillis, double from, double most) {
    /** The number of bisections. The last interval is 2^-4 of the first, about 6 % of the rate. */
    private static final int BISECTIONS = 4;

    private static final double ENOUGH = 0.95;

    /**
     * One rate that was tried.
     *
     * @param failure the reason why the rate is too high, or null
     */
    record Step(Result result, @Nullable String failure) {}

    /**
     * The result for one transport.
     *
     * @param passed the highest rate that passed, or null when the first rate failed
     * @param failed the lowest rate that failed, or null when the highest rate passed
     */
    record Found(
            Transport transport,
            @Nullable Result passed,
            @Nullable Step failed,
            List<Step> steps) {}

    /** The report of a whole sweep. */
    record Report(
            String command, Machine machine, String log, int nodes, Load load, double limitMillis, List<Found> found) {
        /** Returns a table for a terminal. */
        String table() {
            TextTable table = new TextTable()
                    .row("", "messages", "deliveries", "p50", "p99", "fails at", "")
                    .row("transport", "a second", "a second", "ms", "ms", "a second", "because of");
            for (Found each : found) {
                Result passed = each.passed();
                Step failed = each.failed();
                table.row(
                        each.transport().label(),
                        passed == null ? "–" : Figures.rate(passed.load().rate()),
                        passed == null ? "–" : Figures.whole(passed.deliveriesPerSecond()),
                        passed == null ? "–" : Figures.millis(passed.millis(50)),
                        passed == null ? "–" : Figures.millis(passed.millis(99)),
                        failed == null
                                ? "–"
                                : Figures.rate(failed.result().load().rate()),
                        failed == null ? "–" : String.valueOf(failed.failure()));
            }
            return table.toString();
        }
    }

    Found run(Transport transport, Function<Double, Result> trial) {
        List<Step> steps = new ArrayList<>();
        Result passed = null;
        Step failed = null;
        double rate = from;
        while (failed == null) {
            Step step = step(rate, trial, steps);
            if (step.failure() != null) {
                failed = step;
            } else {
                passed = step.result();
                if (rate >= most) {
                    break;
                }
                rate = Math.min(most, rate * 2);
            }
        }
        for (int i = 0; i < BISECTIONS && passed != null && failed != null; i++) {
            Step step = step((passed.load().rate() + failed.result().load().rate()) / 2, trial, steps);
            if (step.failure() == null) {
                passed = step.result();
            } else {
                failed = step;
            }
        }
        return new Found(transport, passed, failed, List.copyOf(steps));
    }

    /**
     * Measures a step, and repeats it once after a failure, because a single stall of the machine is not the server's
     * fault.
     */
    private Step step(double rate, Function<Double, Result> trial, List<Step> steps) {
        Step step = judge(trial.apply(rate));
        steps.add(step);
        if (step.failure() != null) {
            step = judge(trial.apply(rate));
            steps.add(step);
        }
        return step;
    }

    private Step judge(Result result) {
        return new Step(result, failure(result));
    }

    private @Nullable String failure(Result result) {
        if (!result.isWhole() || result.connectionsLost() > 0) {
            return "messages lost";
        }
        if (result.refused() > 0) {
            return "publishes refused";
        }
        if (result.heldBack() > 0) {
            return "publishes without a response";
        }
        double asked = result.load().deliveriesPerSecond();
        if (!(result.millis(99) <= limitMillis)) {
            boolean isClient = result.use().busiestThread() > ENOUGH;
            return String.format(
                    Locale.ROOT, "p99 of %s ms%s", Figures.millis(result.millis(99)), isClient ? " (client busy)" : "");
        }
        return result.deliveriesPerSecond() < ENOUGH * asked ? "deliveries behind" : null;
    }
}
