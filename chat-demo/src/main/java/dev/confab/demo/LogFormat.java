package dev.confab.demo;

import java.util.Locale;

/** The form of a line of the log. */
enum LogFormat {
    /** Time, level, class and message, for people. */
    TEXT,
    /** One JSON object, for programs that collect logs. */
    JSON;

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
