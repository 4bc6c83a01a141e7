package dev.confab.netty;

/**
 * The limit on the signals of one connection, as a token bucket.
 *
 * @param perSecond the number of signals that a connection may send in a second, on average
 * @param burst the number of signals that a connection may send at once
 */
public record SignalConfig(int perSecond, int burst) {
    public SignalConfig {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(
                    "perSecond: " + perSecond + ", burst: " + burst + " (expected: 1 or more)");
        }
    }

    /** Returns the default: 10 signals a second, and 20 at once. */
    public static SignalConfig defaults() {
        return new SignalConfig(10, 20);
    }
}
