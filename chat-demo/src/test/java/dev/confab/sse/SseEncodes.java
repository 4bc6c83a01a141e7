package dev.confab.sse;

import dev.confab.netty.FanOutProbe;

/** Shows tests of other packages how often a handler has encoded a batch. */
public final class SseEncodes {
    private SseEncodes() {}

    public static long of(SseHandler handler) {
        return FanOutProbe.encodes(handler.fanOut());
    }
}
