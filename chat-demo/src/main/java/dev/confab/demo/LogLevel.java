package dev.confab.demo;

import ch.qos.logback.classic.Level;
import java.util.Locale;

/** The importance from which on messages are logged. */
enum LogLevel {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    Level level() {
        return Level.toLevel(name());
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
