package dev.confab.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URL of a database, taken apart: secrets are in the properties only, so that whatever prints one of the texts, be it a
 * pool, a driver or an error, cannot print a secret.
 *
 * @param shown the URL as it was given, without secrets
 * @param jdbcUrl {@code memory}, or a URL for the driver without secrets
 * @param properties the driver's properties, among them user and password; must not be printed
 */
record DatabaseUrl(String shown, String jdbcUrl, Properties properties) {
    static final String MEMORY = "memory";

    private static final String EXPECTED = MEMORY + ", jdbc:h2:…, " + PostgresUrl.EXPECTED;

    /** Without slashes, the text before a colon may be a user name, and is not shown. */
    private static final Pattern SCHEME =
            Pattern.compile("(jdbc:[a-zA-Z0-9]{1,20}:(//)?|[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)");

    /**
     * Parses a URL; blanks around it are ignored.
     *
     * @param option the option that the URL was given by
     * @throws IllegalArgumentException when the URL is none of a database that can be used; neither the message nor a cause
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

    /** Returns a URL without its secrets: of one that cannot be parsed, the scheme only. */
    static String shown(String url) {
        try {
            return parse("", url).shown;
        } catch (IllegalArgumentException e) {
            return scheme(url);
        }
    }

    /** Returns the scheme, as where the secrets are in the rest is not known. */
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
