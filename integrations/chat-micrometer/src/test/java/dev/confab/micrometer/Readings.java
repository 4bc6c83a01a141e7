package dev.confab.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Reads the meters of a registry as an operator does. */
record Readings(MeterRegistry registry) {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** The meters that are 0 while all is well, apart from the tags. */
    private static final Set<String> OF_FAILURES = Set.of(
            "confab.publish",
            "confab.gaps",
            "confab.limits",
            "confab.connections.closed",
            "confab.readers",
            "confab.queue",
            "confab.outbox",
            "confab.outbox.age");

    /** The tags of these meters that count what happens while all is well. */
    private static final Set<String> REGULAR =
            Set.of("outcome=stored", "outcome=known", "reason=normal", "reason=draining", "state=at_end");

    /** Returns the meters of failures that are not 0, each with the tags that tell its cause. */
    Set<String> failures() {
        Set<String> moved = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            String tags = tags(meter.getId());
            boolean isOfFailure = OF_FAILURES.contains(meter.getId().getName())
                    && REGULAR.stream().noneMatch(tags::contains);
            if (isOfFailure && value(meter) > 0) {
                moved.add(meter.getId().getName() + tags);
            }
        }
        return moved;
    }

    /** @param tags keys and values */
    double value(String name, String... tags) {
        return value(registry.get(name).tags(tags).meter());
    }

    private static double value(Meter meter) {
        if (meter instanceof Gauge gauge) {
            return gauge.value();
        }
        if (meter instanceof FunctionCounter counter) {
            return counter.count();
        }
        double value = 0;
        for (var measurement : meter.measure()) {
            if (measurement.getStatistic() == Statistic.COUNT) {
                value += measurement.getValue();
            }
        }
        return value;
    }

    private static String tags(Meter.Id id) {
        return id.getTags().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Returns when the condition holds. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not in time: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
