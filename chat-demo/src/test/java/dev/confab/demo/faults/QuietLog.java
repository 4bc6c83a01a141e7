package dev.confab.demo.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of checks whose findings are on the console. */
final class QuietLog {
    private QuietLog() {}

    static void begin() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
        // Its error when it cannot stop a crashed server.
        context.getLogger("io.zonky.test.db.postgres.embedded.EmbeddedPostgres").setLevel(Level.OFF);
    }
}
