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
 * What the driver of PostgreSQL knows of a connection and can be told about it. Called by name, as the driver is the
 * application's choice; of a connection that is not that driver's it knows nothing. Thread-safe.
 */
final class PostgresSession {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSession.class);

    /** {@code org.postgresql.PGConnection}, where the driver is registered. */
    private static final Optional<Class<?>> TYPE = DriverManager.drivers()
            .map(Driver::getClass)
            .filter(driver -> driver.getName().startsWith("org.postgresql."))
            .<Class<?>>map(PostgresSession::type)
            .findFirst();

    private PostgresSession() {}

    /**
     * Whether another program stands between the driver and the server, as a pooler does: the process that works for the client
     * then is not the one that the connection began with.
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

    /** Has the driver prepare no statements in the server. */
    static void prepareNothing(Connection connection) {
        call(connection, "setPrepareThreshold", 0);
    }

    /** Null when the method returns nothing, or the connection has no such method. */
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
