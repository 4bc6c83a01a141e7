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

    private static final String EXPECTED = MEMORY + ", jdbc:h2:…, " + PostgresUrl.EXPECTED;

    /**
     * A scheme that may be shown. Without slashes, the text before a colon may be a user name, so it does not match.
     */
    private static final Pattern SCHEME =
            Pattern.compile("(jdbc:[a-zA-Z0-9]{1,20}:(//)?|[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)");

    /**
     * Parses a URL and ignores the blanks around it.
     *
     * @param option the option that supplied the URL
     * @throws IllegalArgumentException when the URL does not name a usable database; neither the message nor a cause
     *     contains a secret
     */
    static DatabaseUrl parse(String option, String given) {
        String url = given.strip();
        if (url.equals(MEMORY)) {
            return new DatabaseUrl(MEMORY, MEMORY, new Properties());
        }
        if (H2Url.matches(url)) {
            return H2Url.parse(option, url);
        }
        if (PostgresUrl.matches(url)) {
            return PostgresUrl.parse(option, url);
        }
        throw new IllegalArgumentException(option + ": " + scheme(url) + " (expected: " + EXPECTED + ")");
    }

    /** Returns a URL without its secrets, or only the scheme of a URL that cannot be parsed. */
    static String shown(String url) {
        try {
            return parse("", url).shown;
        } catch (IllegalArgumentException e) {
            return scheme(url);
        }
    }

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
        return H2Url.matches(jdbcUrl);
    }

    boolean isPostgres() {
        return PostgresUrl.matches(jdbcUrl);
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
