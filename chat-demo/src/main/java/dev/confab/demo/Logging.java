package dev.confab.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The log of the process, on standard error. Logback creates an instance at its start; code instead of a file makes
 * this start faster. Safe for any thread.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %level %logger{0} - %msg%n";

    /** The levels of loggers that log too much, as long as the level of the others is info or less. */
    private static final Map<String, Level> QUIET = Map.of(
            "com.zaxxer.hikari",
            Level.WARN,
            // A session that is lost is one line of ours; the pool has one for each session, with its stack.
            "com.zaxxer.hikari.pool.PoolBase",
            Level.ERROR,
            "com.zaxxer.hikari.pool.ProxyConnection",
            Level.ERROR,
            // The command logs a line of its own, and the server of the warm-up is of no interest.
            "dev.confab.netty.ChatServer",
            Level.WARN);

    /** Logs messages of the level info or above, as text. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        begin(context, LogLevel.INFO, LogFormat.TEXT);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Changes the level and the form from now on. */
    static void set(LogLevel level, LogFormat format) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        begin(context, level, format);
    }

    private static void begin(LoggerContext context, LogLevel level, LogFormat format) {
        Encoder<ILoggingEvent> encoder = encoder(format);
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.level());
        root.addAppender(appender);
        if (level.compareTo(LogLevel.INFO) <= 0) {
            QUIET.forEach((name, quiet) -> {
                boolean isQuieter = quiet.isGreaterOrEqual(level.level());
                context.getLogger(name).setLevel(isQuieter ? quiet : level.level());
            });
        }
    }

    private static Encoder<ILoggingEvent> encoder(LogFormat format) {
        return switch (format) {
            case TEXT -> {
                PatternLayoutEncoder text = new PatternLayoutEncoder();
                text.setPattern(PATTERN);
                yield text;
            }
            case JSON -> {
                JsonEncoder json = new JsonEncoder();
                json.setWithSequenceNumber(false);
                json.setWithNanoseconds(false);
                json.setWithContext(false);
                json.setWithMarkers(false);
                json.setWithMDC(false);
                json.setWithKVPList(false);
                json.setWithMessage(false);
                json.setWithArguments(false);
                json.setWithFormattedMessage(true);
                yield json;
            }
        };
    }
}
