package dev.confab.longpoll;

import java.time.Duration;

/**
 * The settings of a {@link LongPollHandler}.
 *
 * @param defaultWait how long a poll without {@code wait} waits for a new entry
 * @param maxWait the maximum of {@code wait}
 */
public record LongPollConfig(Duration defaultWait, Duration maxWait) {
    public LongPollConfig {
        if (defaultWait.isNegative() || defaultWait.compareTo(maxWait) > 0) {
            throw new IllegalArgumentException("defaultWait: " + defaultWait + " (expected: 0 to " + maxWait + ")");
        }
    }

    /** Returns the defaults: a poll waits 10 s, and may ask for up to 60 s. */
    public static LongPollConfig defaults() {
        return new LongPollConfig(Duration.ofSeconds(10), Duration.ofSeconds(60));
    }
}
