package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The one operation on notifications that JDBC does not have. With PostgreSQL's driver it is
 *
 * <pre>{@code
 * PGNotification[] news = connection.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
 * return news == null ? List.of() : Arrays.stream(news).map(PGNotification::getParameter).toList();
 * }</pre>
 */
@FunctionalInterface
public interface NotificationSource {
    /**
     * Waits for notifications on a connection that listens.
     *
     * @param timeout more than zero
     * @return the payloads of the notifications, or an empty list when none came in time
     * @throws SQLException when the connection is lost or was aborted
     */
    List<String> await(Connection connection, Duration timeout) throws SQLException;
}
