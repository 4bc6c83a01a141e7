package dev.confab.demo;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is, and as whom.
 *
 * @param jdbcUrl what stands in it goes before {@code properties}
 * @param properties user and password, if they were given in another way, and the driver's settings
 */
record PostgresUrl(String jdbcUrl, Properties properties) {
    static final String EXPECTED = "postgres://user:password@host/database or jdbc:postgresql://host/database";

    static boolean matches(String url) {
        return url.startsWith("jdbc:postgresql:") || url.startsWith("postgres://") || url.startsWith("postgresql://");
    }

    /**
     * @param option the option that it came from
     * @throws IllegalArgumentException when it is not one
     */
    static PostgresUrl parse(String option, String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return new PostgresUrl(url, settings());
        }
        if (!matches(url)) {
            throw new IllegalArgumentException(option + ": " + withoutPassword(url) + " (expected: " + EXPECTED + ")");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            // Not quoted: where the password stands in it, nobody can tell.
            throw new IllegalArgumentException(option + ": it is not a URL (expected: " + EXPECTED + ")");
        }
        if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
            throw new IllegalArgumentException(option + ": " + withoutPassword(url) + " (expected: " + EXPECTED + ")");
        }
        Properties properties = settings();
        String[] user = uri.getRawUserInfo() == null
                ? new String[0]
                : uri.getRawUserInfo().split(":", 2);
        if (user.length > 0) {
            properties.setProperty("user", decode(user[0]));
        }
        if (user.length > 1) {
            properties.setProperty("password", decode(user[1]));
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new PostgresUrl("jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath() + query, properties);
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("ApplicationName", "confab");
        settings.setProperty("reWriteBatchedInserts", "true");
        settings.setProperty("tcpKeepAlive", "true");
        settings.setProperty("connectTimeout", "5");
        // Above all that the store lets the server take.
        settings.setProperty("socketTimeout", "20");
        return settings;
    }

    /** A new connection, outside of any pool. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        int parameters = jdbcUrl.indexOf('?');
        return withoutPassword(parameters < 0 ? jdbcUrl : jdbcUrl.substring(0, parameters));
    }

    /** What an administrator can do something about, in one line; null when the failure is not the database's. */
    static @Nullable String reason(Throwable failure) {
        SQLException deepest = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                deepest = sql;
            }
        }
        if (deepest == null || deepest.getMessage() == null) {
            return null;
        }
        String message = deepest.getMessage().lines().findFirst().orElse("").replaceFirst("^(FATAL|ERROR): ", "");
        Throwable below = deepest.getCause();
        boolean vague = message.toLowerCase(Locale.ROOT).contains("attempt failed");
        return vague && below != null ? message + " " + below : message;
    }

    static String withoutPassword(String url) {
        return url.replaceAll("://[^@/]*@", "://…@");
    }

    private static String decode(String part) {
        // As in a URL's path, a plus is a plus here.
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
