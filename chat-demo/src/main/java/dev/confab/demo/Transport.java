package dev.confab.demo;

import java.util.Locale;

/** A way to read. */
enum Transport {
    LONGPOLL,
    SSE,
    WEBSOCKET;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
