package dev.confab.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parsed URL of a database. Only the properties contain secrets, so a pool, a driver or an error that prints one of
 * the URLs cannot print a secret.
 *
 * @param shown the URL as it was given, without secrets
 * @param jdbcUrl {@code memory}, or a URL for the driver without secrets
 * @param properties the driver's properties, among them user and password; must not be printed
 */
record DatabaseUrl(String shown, String jdbcUrl, Properties properties) {
    static final String MEMORY = "memory";

    /** The start of each JDBC URL of H2. */
    static final String H2 = "jdbc:h2:";

    /** The start of each JDBC URL of PostgreSQL. */
    static final String POSTGRES = "jdbc:postgresql:";

    /**
     * A scheme that may be shown. Without slashes, the text before a colon may be a user name, so it does not match.
     */
    private static final Pattern SCHEME =
            Pattern.compile("(jdbc:[a-zA-Z0-9]{1,20}:(//)?|[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)");

    /** Returns the scheme only, because the rest of the URL may contain secrets at an unknown place. */
    static String scheme(String url) {
        String stripped = url.strip();
        Matcher scheme = SCHEME.matcher(stripped);
        if (scheme.lookingAt()) {
            return scheme.group() + "…";
        }
        return stripped.isEmpty() ? "(empty)" : "…";
    }

    boolean isMemory() {
        return jdbcUrl.equals(MEMORY);
    }

    boolean isH2() {
        return jdbcUrl.startsWith(H2);
    }

    boolean isPostgres() {
        return jdbcUrl.startsWith(POSTGRES);
    }

    DatabaseUrl withJdbcUrl(String other) {
        return new DatabaseUrl(shown, other, properties);
    }

    /** Opens a new connection, outside of any pool. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    /** Returns the URL without its secrets. */
    @Override
    public String toString() {
        return shown;
    }
}
