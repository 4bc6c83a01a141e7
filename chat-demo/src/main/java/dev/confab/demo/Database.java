package dev.confab.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.JdbiMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The store that a URL names, and what has to be closed after it. */
record Database(MessageStore store, AutoCloseable pool) implements AutoCloseable {
    static final String DEFAULT_URL = "jdbc:h2:file:./data/chat";

    private static final int POOL_SIZE = 8;

    /**
     * @param url {@code memory}, {@code jdbc:h2:…}, {@code jdbc:postgresql://…} or {@code postgres://user:pass@host/db}
     * @throws IllegalArgumentException when it is none of these
     * @throws StoreException when the database cannot be opened
     */
    static Database open(String url) {
        if (url.equals("memory")) {
            return new Database(new InMemoryMessageStore(), () -> {});
        }
        HikariConfig config = config(url);
        H2File.recover(url);
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + reason(e), e);
        }
        try {
            return new Database(JdbiMessageStore.open(pool), pool);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariConfig config(String url) {
        HikariConfig config = new HikariConfig();
        config.setMaximumPoolSize(POOL_SIZE);
        config.setPoolName("confab");
        if (url.startsWith("jdbc:h2:")) {
            // Or H2 closes itself while the last publishes are still on their way.
            config.setJdbcUrl(url.contains("DB_CLOSE_ON_EXIT") ? url : url + ";DB_CLOSE_ON_EXIT=FALSE");
            config.setUsername("sa");
        } else if (url.startsWith("jdbc:postgresql:")) {
            config.setJdbcUrl(url);
        } else if (url.startsWith("postgres://") || url.startsWith("postgresql://")) {
            postgres(config, url);
        } else {
            throw new IllegalArgumentException("--database-url: " + withoutPassword(url)
                    + " (expected: memory, jdbc:h2:…, jdbc:postgresql://… or postgres://user:password@host/database)");
        }
        return config;
    }

    /** The form that hosting platforms give. */
    private static void postgres(HikariConfig config, String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "--database-url: it is not a URL (expected: postgres://user:password@host/database)");
        }
        if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
            throw new IllegalArgumentException(
                    "--database-url: " + withoutPassword(url) + " (expected: postgres://user:password@host/database)");
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        config.setJdbcUrl("jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath() + query);
        String[] user = uri.getRawUserInfo() == null
                ? new String[0]
                : uri.getRawUserInfo().split(":", 2);
        if (user.length > 0) {
            config.setUsername(decode(user[0]));
        }
        if (user.length > 1) {
            config.setPassword(decode(user[1]));
        }
    }

    private static String decode(String part) {
        // As in a URL's path, a plus is a plus here.
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String withoutPassword(String url) {
        return url.replaceAll("://[^@/]*@", "://…@");
    }

    private static @Nullable String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
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
