package dev.confab.netty;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs why a connection is closed that should not be. Safe for any thread. */
public final class Faults {
    private static final LogRate OUT_OF_MEMORY = LogRate.everyMinute();

    private Faults() {}

    /**
     * Logs {@code cause} with its stack trace, but a lack of memory, which hits many connections at once, on a line a minute.
     *
     * @param owner the class in whose name it is logged
     */
    public static void log(Class<?> owner, String event, Throwable cause) {
        Logger log = LoggerFactory.getLogger(owner);
        if (!(cause instanceof OutOfMemoryError)) {
            log.warn(event, cause);
            return;
        }
        long connections = OUT_OF_MEMORY.count();
        if (connections > 0) {
            log.warn("{}: {} (connections since the last report: {})", event, cause.toString(), connections);
        }
    }
}
