package dev.confab.netty;

import dev.confab.core.Limit;
import java.time.Duration;

/**
 * The bounds of a {@link FanOut}. Start from {@link #defaults()}.
 *
 * @param limit the largest amount of entries for one write
 * @param keepAlive how often {@link Reader#keepAlive} is called on every reader; zero for never
 * @param stuckAfter how long a reader may take no data, while data is pending for it, before it is {@link Reader#stuck}
 */
public record FanOutConfig(Limit limit, Duration keepAlive, Duration stuckAfter) {
    public FanOutConfig {
        if (keepAlive.isNegative() || stuckAfter.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "keepAlive: " + keepAlive + ", stuckAfter: " + stuckAfter + " (expected: positive)");
        }
    }

    /** Returns the default bounds: writes of 64 KiB, no keep-alive, and readers that count as stuck after 60 s. */
    public static FanOutConfig defaults() {
        return new FanOutConfig(Limit.WRITE, Duration.ZERO, Duration.ofSeconds(60));
    }

    public FanOutConfig withLimit(Limit newLimit) {
        return new FanOutConfig(newLimit, keepAlive, stuckAfter);
    }

    public FanOutConfig withKeepAlive(Duration interval) {
        return new FanOutConfig(limit, interval, stuckAfter);
    }

    public FanOutConfig withStuckAfter(Duration time) {
        return new FanOutConfig(limit, keepAlive, time);
    }
}
