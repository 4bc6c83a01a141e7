package dev.confab.jdbi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source that simulates a process that stops. Not thread-safe. */
final class StoppingDataSource {
    private StoppingDataSource() {}

    /** Returns a data source whose connections are lost after this number of statements that change the database. */
    static DataSource after(int statements, DataSource database) {
        AtomicInteger left = new AtomicInteger(statements);
        return proxy(DataSource.class, (method, arguments) -> {
            Object result = method.invoke(database, arguments);
            return result instanceof Connection connection ? stopping(connection, left) : result;
        });
    }

    private static Connection stopping(Connection connection, AtomicInteger left) {
        return proxy(Connection.class, (method, arguments) -> {
            boolean changes = method.getName().equals("prepareStatement")
                    && ((String) arguments[0]).matches("(?s)(create|insert|update|alter|drop) .*");
            if (changes && left.getAndDecrement() <= 0) {
                throw new SQLException("the process stops here", "08006");
            }
            return method.invoke(connection, arguments);
        });
    }

    private interface Call {
        @Nullable
        Object make(Method method, Object[] arguments) throws ReflectiveOperationException, SQLException;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return call.make(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
