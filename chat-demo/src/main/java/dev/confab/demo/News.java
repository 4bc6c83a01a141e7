package dev.confab.demo;

import dev.confab.core.Notifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How a node hears at once of what other nodes committed. Without, it looks every second.
 *
 * @param notifies whether nodes tell one another
 * @param url the PostgreSQL database for that, where it is not the one of the log but a way to it past a pooler
 */
record News(boolean notifies, @Nullable String url) {
    static final News DEFAULT = new News(true, null);

    News {
        if (!notifies && url != null) {
            throw new IllegalArgumentException(
                    "--notify-url: " + PostgresUrl.withoutPassword(url) + " (expected: none with --no-notify)");
        }
    }

    /** Null when there are no notifications. */
    @Nullable
    Notifier open(String databaseUrl) {
        if (!PostgresUrl.matches(databaseUrl)) {
            if (url != null) {
                throw new IllegalArgumentException("--notify-url: " + PostgresUrl.withoutPassword(url)
                        + " (expected: none, as the log is not in PostgreSQL)");
            }
            return null;
        }
        return notifies ? new Notifier(connections(url == null ? databaseUrl : url), News::await) : null;
    }

    private static PGSimpleDataSource connections(String from) {
        PostgresUrl postgres = PostgresUrl.parse("--notify-url", from);
        PGSimpleDataSource source = new PGSimpleDataSource();
        try {
            for (String name : postgres.properties().stringPropertyNames()) {
                source.setProperty(name, postgres.properties().getProperty(name));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("a setting that the driver does not know", e);
        }
        source.setUrl(postgres.jdbcUrl());
        return source;
    }

    private static List<String> await(Connection connection, Duration timeout) throws SQLException {
        PGNotification[] news = connection.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
        return news == null
                ? List.of()
                : Arrays.stream(news).map(PGNotification::getParameter).toList();
    }
}
