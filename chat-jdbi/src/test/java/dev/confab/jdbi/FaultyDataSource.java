package dev.confab.jdbi;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source whose commits and connections fail as a test requests. Not thread-safe. */
final class FaultyDataSource {
    /** The ways in which a commit fails. */
    enum Fault {
        /** The commit is done, and then the connection is lost. */
        LOST_AFTER_COMMIT,
        /** The connection is lost, and the server rolls back. */
        LOST_BEFORE_COMMIT,
        /** The server reports that it rolled back. */
        ROLLED_BACK
    }

    private final DataSource real;
    private final Queue<Fault> faults = new ArrayDeque<>();
    private Runnable afterFault = () -> {};
    private boolean down;
    private boolean unsyncable;
    private int commits;
    private @Nullable String lostAt;

    FaultyDataSource(DataSource real) {
        this.real = real;
    }

    DataSource asDataSource() {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                if (down) {
                    throw new SQLException("no connection", "08001");
                }
                return connection(real.getConnection());
            }
            return call(real, method, arguments);
        });
    }

    /** Makes the next commits fail with these faults, in this order. */
    void failCommits(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Sets the action that runs after every fault of a commit. */
    void afterFault(Runnable action) {
        afterFault = action;
    }

    /** Sets whether the database is down, so that opening a connection fails. */
    void setDown(boolean down) {
        this.down = down;
    }

    /** Sets whether {@code checkpoint sync} fails. */
    void setUnsyncable(boolean unsyncable) {
        this.unsyncable = unsyncable;
    }

    /** Loses the connection that next prepares a statement containing this text, before the statement is executed. */
    void loseAtStatement(String text) {
        lostAt = text;
    }

    /** Returns the number of requested commits. */
    int commits() {
        return commits;
    }

    private Connection connection(Connection connection) {
        boolean[] lost = new boolean[1];
        return proxy(Connection.class, (proxy, method, arguments) -> {
            if (method.getName().equals("close")) {
                return call(connection, method, arguments);
            }
            if (lost[0]) {
                throw new SQLException("connection lost", "08006");
            }
            if (lostAt != null
                    && method.getName().equals("prepareStatement")
                    && ((String) arguments[0]).contains(lostAt)) {
                lostAt = null;
                lost[0] = true;
                connection.rollback();
                throw new SQLException("connection lost", "08006");
            }
            if (method.getName().equals("commit")) {
                commits++;
                Fault fault = faults.poll();
                if (fault != null) {
                    lost[0] = fault != Fault.ROLLED_BACK;
                    SQLException failure = fail(connection, fault);
                    afterFault.run();
                    throw failure;
                }
            }
            if (unsyncable && arguments != null && arguments[0].equals("checkpoint sync")) {
                throw new SQLException("disk failed", "58030");
            }
            return call(connection, method, arguments);
        });
    }

    private static SQLException fail(Connection connection, Fault fault) throws SQLException {
        if (fault == Fault.LOST_AFTER_COMMIT) {
            connection.commit();
        } else {
            connection.rollback();
        }
        return fault == Fault.ROLLED_BACK
                ? new SQLException("serialization failure", "40001")
                : new SQLException("connection lost", "08006");
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
