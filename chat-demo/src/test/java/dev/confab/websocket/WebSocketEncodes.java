package dev.confab.websocket;

import dev.confab.netty.FanOutProbe;

/** Shows tests of other packages how often a handler has encoded a batch. */
public final class WebSocketEncodes {
    private WebSocketEncodes() {}

    public static long of(WebSocketHandler handler) {
        return FanOutProbe.encodes(handler.fanOut());
    }
}
