package dev.confab.demo.bench;

import java.util.Locale;

/** The transport over which subscribers read. */
enum Wire {
    WEBSOCKET("WebSocket"),
    SSE("SSE"),
    LONGPOLL("long poll"),
    SHORTPOLL("short poll");

    private final String label;

    Wire(String label) {
        this.label = label;
    }

    /** Returns the name for people. */
    String label() {
        return label;
    }

    /** Returns the name in the form that the command line uses. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
