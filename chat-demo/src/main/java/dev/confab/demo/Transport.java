package dev.confab.demo;

import java.util.Locale;

/** A transport over which clients read. */
enum Transport {
    LONGPOLL,
    SSE,
    WEBSOCKET;

    /** Returns the name in the form that the command line uses. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
