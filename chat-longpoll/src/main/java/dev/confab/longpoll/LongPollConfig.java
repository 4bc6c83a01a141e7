package dev.confab.longpoll;

import java.time.Duration;

/**
 * The settings of a {@link LongPollHandler}.
 *
 * @param defaultWait how long a poll without {@code wait} waits for something new
 * @param maxWait the most that {@code wait} may ask for
 */
public record LongPollConfig(Duration defaultWait, Duration maxWait) {
    public LongPollConfig {
        if (defaultWait.isNegative() || defaultWait.compareTo(maxWait) > 0) {
            throw new IllegalArgumentException("defaultWait: " + defaultWait + " (expected: 0 to " + maxWait + ")");
        }
    }

    /** 10 s, at most 60 s. */
    public static LongPollConfig defaults() {
        return new LongPollConfig(Duration.ofSeconds(10), Duration.ofSeconds(60));
    }
}
