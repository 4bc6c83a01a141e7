package dev.confab.demo;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The ways to read. */
public enum Transport {
    WEBSOCKET("WebSocket"),
    SSE("SSE"),
    LONGPOLL("long poll"),
    /** Requests without waiting: a client's use of the long poll endpoint. */
    SHORTPOLL("short poll");

    /** The transports that a server offers. */
    public static final Set<Transport> SERVED = Collections.unmodifiableSet(EnumSet.of(WEBSOCKET, SSE, LONGPOLL));

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /** Returns the name for people. */
    public String label() {
        return label;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
