package dev.confab.longpoll;

import dev.confab.netty.FanOutProbe;

/** Shows tests of other packages how often a handler has encoded a batch. */
public final class LongPollEncodes {
    private LongPollEncodes() {}

    public static long of(LongPollHandler handler) {
        return FanOutProbe.encodes(handler.fanOut());
    }
}
