package dev.confab.netty;

import dev.confab.core.Limit;
import java.time.Duration;

/**
 * The bounds of a {@link FanOut}. Start from {@link #defaults()}.
 *
 * @param limit how much one write brings
 * @param keepAlive how often {@link Reader#keepAlive} is called on every reader; zero for never
 * @param stuckAfter how long a reader may take nothing of what is written to it before it is {@link Reader#stuck}
 */
public record FanOutConfig(Limit limit, Duration keepAlive, Duration stuckAfter) {
    public FanOutConfig {
        if (keepAlive.isNegative() || stuckAfter.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "keepAlive: " + keepAlive + ", stuckAfter: " + stuckAfter + " (expected: positive)");
        }
    }

    /** Writes of 64 KiB, no keep-alive, stuck after 60 s. */
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
