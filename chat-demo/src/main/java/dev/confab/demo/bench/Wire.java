package dev.confab.demo.bench;

import java.util.Locale;

/** How subscribers read. */
enum Wire {
    WEBSOCKET("WebSocket"),
    SSE("SSE"),
    LONGPOLL("long poll"),
    SHORTPOLL("short poll");

    private final String label;

    Wire(String label) {
        this.label = label;
    }

    /** As people write it. */
    String label() {
        return label;
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
