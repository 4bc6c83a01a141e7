package dev.confab.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Registers meters that the chat and the server have in common. Immutable; safe for any thread. */
record Meters(MeterRegistry registry, Tags tags) {
    /** The bounds of the buckets of durations. The first is the time of a commit on a fast disk. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(10)
    };

    Timer histogram(String name, String description, Tags more) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BUCKETS)
                .tags(tags.and(more))
                .register(registry);
    }

    /** Registers a counter for each constant, whose name in lower case is the value of the tag. */
    <E extends Enum<E>> Map<E, Counter> counters(String name, String description, String tag, Class<E> type) {
        Map<E, Counter> counters = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            counters.put(
                    constant,
                    Counter.builder(name)
                            .description(description)
                            .tags(tags.and(tag, constant.name().toLowerCase(Locale.ROOT)))
                            .register(registry));
        }
        return counters;
    }

    /** Registers the counters of the limits that are the constants of {@code type}. */
    <E extends Enum<E>> Map<E, Counter> limits(Class<E> type) {
        return counters("confab.limits", "How often a limit was reached", "limit", type);
    }

    static <E extends Enum<E>> void increment(Map<E, Counter> counters, E constant) {
        Counter counter = counters.get(constant);
        if (counter != null) {
            counter.increment();
        }
    }
}
