package dev.confab.netty;

/** Shows tests of the transports what a {@link FanOut} has done. */
public final class FanOutProbe {
    private FanOutProbe() {}

    /** Returns how often a batch was encoded, to be shared by readers. */
    public static long encodes(FanOut<?> fanOut) {
        return fanOut.encodes();
    }
}
