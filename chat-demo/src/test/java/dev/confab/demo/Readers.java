package dev.confab.demo;

import dev.confab.netty.EntryReader;
import dev.confab.netty.EventClient;
import dev.confab.netty.PollClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;

/** Opens a reader of any transport. */
public final class Readers {
    private Readers() {}

    /** @param query a query that ends with the parameter {@code after} */
    public static EntryReader open(Transport transport, RawHttp http, String query) {
        try {
            return switch (transport) {
                case LONGPOLL -> new PollClient(http, query);
                case SSE -> EventClient.open(http, query);
                case WEBSOCKET -> new WsClient(http).upgrade("?" + query);
                case SHORTPOLL -> throw new IllegalArgumentException("transport: " + transport);
            };
        } catch (RuntimeException | AssertionError e) {
            http.close();
            throw e;
        }
    }
}
