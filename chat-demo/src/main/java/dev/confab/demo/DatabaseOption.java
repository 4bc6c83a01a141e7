package dev.confab.demo;

import java.util.Properties;

/** Parses the value of an option that names a database of any kind. Thread-safe. */
final class DatabaseOption {
    private static final String EXPECTED = DatabaseUrl.MEMORY + ", jdbc:h2:…, " + PostgresUrl.EXPECTED;

    private DatabaseOption() {}

    /**
     * Parses a URL and ignores the blanks around it.
     *
     * @param option the option that supplied the URL
     * @throws IllegalArgumentException when the URL does not name a usable database; neither the message nor a cause
     *     contains a secret
     */
    static DatabaseUrl parse(String option, String given) {
        String url = given.strip();
        if (url.equals(DatabaseUrl.MEMORY)) {
            return new DatabaseUrl(DatabaseUrl.MEMORY, DatabaseUrl.MEMORY, new Properties());
        }
        if (H2Url.matches(url)) {
            return H2Url.parse(option, url);
        }
        if (PostgresUrl.matches(url)) {
            return PostgresUrl.parse(option, url);
        }
        throw new IllegalArgumentException(option + ": " + DatabaseUrl.scheme(url) + " (expected: " + EXPECTED + ")");
    }

    /** Returns a URL without its secrets, or only the scheme of a URL that cannot be parsed. */
    static String shown(String url) {
        try {
            return parse("", url).shown();
        } catch (IllegalArgumentException e) {
            return DatabaseUrl.scheme(url);
        }
    }
}
