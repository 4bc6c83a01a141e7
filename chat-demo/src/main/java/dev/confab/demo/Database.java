package dev.confab.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreException;
import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.Notifier;
import java.nio.file.AccessDeniedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An open message store, and the connection pool that is closed after the store. */
record Database(MessageStore store, AutoCloseable pool) implements AutoCloseable {
    static final String DEFAULT_URL = "jdbc:h2:file:./data/chat";

    private static final int POOL_SIZE = 8;
    private static final long POOL_TIMEOUT_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /**
     * Opens the database of a URL.
     *
     * @param url one of {@code memory}, {@code jdbc:h2:…}, {@code jdbc:postgresql://…} or
     *     {@code postgres://user:pass@host/db}
     * @throws IllegalArgumentException when the URL has none of these forms
     * @throws StoreException when the database cannot be opened; its message says why in one line
     */
    static Database open(String url) {
        return open(DatabaseOption.parse("--database-url", url), null);
    }

    /**
     * Opens the database of a parsed URL.
     *
     * @param notifier the notifier for a PostgreSQL database, or null
     * @throws StoreException when the database cannot be opened; its message says why in one line, without secrets
     */
    static Database open(DatabaseUrl url, @Nullable Notifier notifier) {
        if (url.isMemory()) {
            return new Database(new InMemoryMessageStore(), () -> {});
        }
        HikariConfig config = new HikariConfig();
        config.setMaximumPoolSize(POOL_SIZE);
        config.setPoolName("confab");
        if (url.isH2()) {
            DatabaseUrl recovered = url.withJdbcUrl(H2File.recover(url.jdbcUrl()));
            config.setDataSource(new UnpooledDataSource(recovered));
            // This connection is held until the pool has a connection, so that the database is opened only once.
            // Without it, the pool would log a stack trace if the database could not be opened.
            try (Connection first = recovered.connect()) {
                first.getMetaData();
                return open(config, "", null);
            } catch (SQLException e) {
                throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + url + ": " + reason(e), e);
            }
        }
        tryOnce(url);
        config.setDataSource(new UnpooledDataSource(url));
        // A publish waits for at most 10 s in total. With the pool's default timeout of 30 s, no attempt could be
        // repeated.
        config.setConnectionTimeout(POOL_TIMEOUT_MILLIS);
        return open(config, url.jdbcUrl() + ": ", notifier);
    }

    /** Connects once before the pool does, because the pool would log a stack trace for a failure. */
    private static void tryOnce(DatabaseUrl url) {
        try (Connection connection = url.connect()) {
            connection.getMetaData();
        } catch (SQLException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE, "database: " + url.jdbcUrl() + ": " + PostgresUrl.reason(e), e);
        }
    }

    private static Database open(HikariConfig config, String place, @Nullable Notifier notifier) {
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + place + reason(e), e);
        }
        try {
            return new Database(JdbiMessageStore.open(pool, JdbiStoreConfig.defaults(), notifier), pool);
        } catch (StoreException e) {
            pool.close();
            String reason = PostgresUrl.reason(e);
            throw reason == null ? e : new StoreException(e.kind(), "database: " + place + reason, e);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** Returns the message of the root cause in one line. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String line = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        // The message of this exception is only the name of the file.
        return cause instanceof AccessDeniedException ? line + ": Permission denied" : line;
    }

    @Override
    public void close() {
        store.close();
        try {
            pool.close();
        } catch (Exception e) {
            throw new IllegalStateException("the database could not be closed", e);
        }
    }
}
