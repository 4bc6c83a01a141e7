package dev.confab.demo;

import dev.confab.jdbi.Notifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * How a node learns immediately that another node committed messages. Without notifications, it polls every second.
 *
 * @param notifies whether nodes notify one another
 * @param url a PostgreSQL URL for the notifications that bypasses a connection pooler, or null for the URL of the log
 */
record Notifications(boolean notifies, @Nullable DatabaseUrl url) {
    static final Notifications DEFAULT = new Notifications(true, null);

    Notifications {
        if (!notifies && url != null) {
            throw new IllegalArgumentException("--notify-url: " + url + " (expected: none with --no-notify)");
        }
    }

    /** @param url null for the database of the log */
    static Notifications of(boolean notifies, @Nullable String url) {
        return new Notifications(notifies, url == null ? null : PostgresUrl.parse("--notify-url", url.strip()));
    }

    /** Returns null when there are no notifications. */
    @Nullable
    Notifier open(DatabaseUrl databaseUrl) {
        if (!databaseUrl.isPostgres()) {
            if (url != null) {
                throw new IllegalArgumentException(
                        "--notify-url: " + url + " (expected: none, as the log is not in PostgreSQL)");
            }
            return null;
        }
        return notifies
                ? new Notifier(new UnpooledDataSource(url == null ? databaseUrl : url), Notifications::await)
                : null;
    }

    private static List<String> await(Connection connection, Duration timeout) throws SQLException {
        PGNotification[] news = connection.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
        return news == null
                ? List.of()
                : Arrays.stream(news).map(PGNotification::getParameter).toList();
    }
}
