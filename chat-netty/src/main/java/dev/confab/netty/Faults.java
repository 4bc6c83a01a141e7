package dev.confab.netty;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the faults that close a connection. Safe for any thread. */
public final class Faults {
    private static final LogRate OUT_OF_MEMORY = LogRate.everyMinute();

    private Faults() {}

    /**
     * Logs {@code cause} with its stack trace. Only a lack of memory, which affects many connections at once, is logged
     * without a stack trace and at most once a minute.
     *
     * @param owner the class whose logger is used
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
