package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls methods of PostgreSQL's driver by name, because the driver is the application's choice. The methods do nothing
 * on a connection of another driver. Thread-safe.
 */
final class PostgresSession {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSession.class);

    /** {@code org.postgresql.PGConnection} for each driver. */
    private static final Optional<Class<?>> TYPE = DriverManager.drivers()
            .map(Driver::getClass)
            .filter(driver -> driver.getName().startsWith("org.postgresql."))
            .<Class<?>>map(PostgresSession::type)
            .findFirst();

    private PostgresSession() {}

    /**
     * Returns whether a pooler is between the driver and the server: the server process that works for the client is
     * not the process to which the connection was opened.
     */
    static boolean isPooled(Connection connection) {
        Object announced = call(connection, "getBackendPID");
        try (Statement statement = connection.createStatement();
                ResultSet working = statement.executeQuery("select pg_backend_pid()")) {
            return announced != null && working.next() && !announced.equals(working.getInt(1));
        } catch (SQLException e) {
            throw SqlErrors.storeException(e);
        }
    }

    /** Stops the driver from preparing statements in the server. */
    static void prepareNothing(Connection connection) {
        call(connection, "setPrepareThreshold", 0);
    }

    /** Returns null when the method returns nothing, or when the connection has no such method. */
    private static @Nullable Object call(Connection connection, String method, Object... values) {
        try {
            if (TYPE.isPresent() && connection.isWrapperFor(TYPE.get())) {
                Class<?>[] types = values.length == 0 ? new Class<?>[0] : new Class<?>[] {int.class};
                return TYPE.get().getMethod(method, types).invoke(connection.unwrap(TYPE.get()), values);
            }
        } catch (SQLException | ReflectiveOperationException e) {
            LOG.debug("The driver has no {}", method, e);
        }
        return null;
    }

    private static Class<?> type(Class<?> driver) {
        try {
            return Class.forName("org.postgresql.PGConnection", false, driver.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a driver without its own interface: " + driver, e);
        }
    }
}
