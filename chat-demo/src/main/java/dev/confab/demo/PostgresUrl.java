package dev.confab.demo;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * Parses the URL of a PostgreSQL database, in the form that the driver uses or in the form that hosting platforms use.
 *
 * <p>A password may by mistake contain an unescaped character that separates the parts of a URL. A piece of the
 * password would then be taken for the host or the database, and be shown. An ambiguous URL is therefore refused.
 */
final class PostgresUrl {
    static final String EXPECTED = "postgres://user:password@host/database or jdbc:postgresql://host/database";

    private static final String ESCAPES = "; in a user name or password write % as %25, / as %2F, ? as %3F, # as %23,"
            + " @ as %40, a blank as %20, and in a user name : as %3A";

    private static final Pattern URL = Pattern.compile(
            "(?i)(?<jdbc>jdbc:postgresql:)(?<slashes>//)?.*|(?<scheme>postgres(?:ql)?://).*", Pattern.DOTALL);

    private static final Pattern BLANK = Pattern.compile("[\\s\\p{Cntrl}]");
    private static final Pattern NO_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private static final Pattern PARAMETER =
            Pattern.compile("(?<name>[A-Za-z][A-Za-z0-9_.-]*)(?:=(?<value>.*))?", Pattern.DOTALL);

    /** The parameters that the driver reads from the URL only. None of them is secret. */
    private static final Set<String> PLACES =
            Set.of("host", "hostaddr", "port", "dbname", "PGHOST", "PGPORT", "PGDBNAME", "service");

    private final String option;
    private final String scheme;
    private final boolean isJdbc;
    private final Properties properties = settings();
    private final StringBuilder places = new StringBuilder();

    private PostgresUrl(String option, String scheme, boolean isJdbc) {
        this.option = option;
        this.scheme = scheme;
        this.isJdbc = isJdbc;
    }

    static boolean matches(String url) {
        return URL.matcher(url).matches();
    }

    /**
     * Parses a URL.
     *
     * @param option the option that supplied the URL
     * @param url a URL for which {@link #matches} returns true
     * @throws IllegalArgumentException when the URL cannot be used; the message shows only the scheme of the URL
     */
    static DatabaseUrl parse(String option, String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    option + ": " + DatabaseUrl.scheme(url) + " (expected: " + EXPECTED + ")");
        }
        boolean isJdbc = parts.group("jdbc") != null;
        boolean hasHosts = !isJdbc || parts.group("slashes") != null;
        String scheme = isJdbc ? parts.group("jdbc") + (hasHosts ? "//" : "") : parts.group("scheme");
        return new PostgresUrl(option, scheme, isJdbc).parse(url.substring(scheme.length()), hasHosts);
    }

    private DatabaseUrl parse(String rest, boolean hasHosts) {
        int question = rest.indexOf('?');
        String place = question < 0 ? rest : rest.substring(0, question);
        int slash = place.indexOf('/');
        String authority = !hasHosts ? "" : slash < 0 ? place : place.substring(0, slash);
        String path = !hasHosts ? place.replaceFirst("^/", "") : slash < 0 ? "" : place.substring(slash + 1);
        checkReadable(place, path, hasHosts);
        int at = authority.indexOf('@');
        if (at >= 0) {
            user(authority.substring(0, at));
        }
        String hosts = hosts(authority.substring(at + 1));
        if (question >= 0) {
            parameters(rest.substring(question + 1));
        }
        boolean named = isJdbc ? slash >= 0 || place.isEmpty() : !path.isEmpty();
        if (hasHosts && !named) {
            throw wrong("names no database", EXPECTED);
        }
        if (hosts.indexOf(',') >= 0) {
            // A standby is read-only.
            properties.putIfAbsent(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
        }
        String database = database(path);
        String jdbcUrl = DatabaseUrl.POSTGRES + (hasHosts ? "//" + hosts + "/" + database : database);
        String shown = isJdbc ? jdbcUrl : scheme + (at < 0 ? "" : "…@") + hosts + "/" + database;
        return new DatabaseUrl(shown, jdbcUrl + places, properties);
    }

    private void checkReadable(String place, String path, boolean hasHosts) {
        if (isJdbc && place.indexOf('@') >= 0) {
            throw wrong(
                    "has a user before @",
                    "postgres://user:password@host/database, or"
                            + " jdbc:postgresql://host/database?user=…&password=…");
        }
        boolean twoWays = place.indexOf('@') != place.lastIndexOf('@')
                || place.indexOf('#') >= 0
                || path.indexOf('@') >= 0
                || path.indexOf('/') >= 0
                || (!hasHosts && path.indexOf(':') >= 0);
        if (twoWays || BLANK.matcher(place).find() || NO_ESCAPE.matcher(place).find()) {
            throw unreadable();
        }
    }

    private void user(String user) {
        String[] parts = user.split(":", 2);
        // As in the path of a URL, a plus stands for itself and not for a blank.
        properties.setProperty("user", decode(parts[0].replace("+", "%2B")));
        if (parts.length > 1) {
            properties.setProperty("password", decode(parts[1].replace("+", "%2B")));
        }
    }

    private String hosts(String authority) {
        if (authority.isEmpty() && isJdbc) {
            return "";
        }
        if (authority.isEmpty() || authority.matches(":\\d*")) {
            throw wrong("names no host", EXPECTED + "; the driver does not connect to Unix sockets");
        }
        if (authority.toUpperCase(Locale.ROOT).startsWith("%2F")) {
            throw socket();
        }
        try {
            return String.join(",", PostgresHosts.parse(authority));
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
    }

    /**
     * Turns all parameters except {@link #PLACES} into properties, because the value of a misspelled parameter may be a
     * password.
     */
    private void parameters(String parameters) {
        for (String each : parameters.split("&", -1)) {
            if (!each.isEmpty()) {
                parameter(each);
            }
        }
    }

    private void parameter(String given) {
        Matcher parameter = PARAMETER.matcher(given);
        boolean isUri = !given.contains("#") && !BLANK.matcher(given).find();
        if (!parameter.matches() || NO_ESCAPE.matcher(given).find() || !(isJdbc || isUri)) {
            throw unreadable();
        }
        String name = parameter.group("name");
        String value = parameter.group("value") == null ? "" : decode(parameter.group("value"));
        if (PLACES.contains(name)) {
            place(name, value);
        } else if (given.indexOf('@') >= 0 && PGProperty.forName(name) == null) {
            throw unreadable();
        } else {
            properties.setProperty(name, value);
        }
    }

    private void place(String name, String value) {
        if (value.startsWith("/")) {
            throw socket();
        }
        if (!isJdbc && !name.equals("service")) {
            throw wrong("has the parameter " + name, EXPECTED);
        }
        if (value.indexOf('@') >= 0) {
            throw unreadable();
        }
        places.append(places.length() == 0 ? '?' : '&').append(name).append('=').append(encode(value));
    }

    /** Returns the name of the database, encoded in the form that the driver decodes. */
    private String database(String path) {
        return encode(decode(isJdbc ? path : path.replace("+", "%2B")));
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("ApplicationName", "confab");
        settings.setProperty("reWriteBatchedInserts", "true");
        settings.setProperty("tcpKeepAlive", "true");
        settings.setProperty("connectTimeout", "5");
        // Longer than every statement timeout and lock timeout that the store sets.
        settings.setProperty("socketTimeout", "20");
        return settings;
    }

    /**
     * Returns the cause that an administrator can act on, in one line; null when the failure does not come from the
     * database.
     */
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

    private IllegalArgumentException unreadable() {
        return wrong("cannot be read", EXPECTED + ESCAPES);
    }

    private IllegalArgumentException socket() {
        return wrong("names a Unix socket", "a host: the driver connects to host names and addresses");
    }

    private IllegalArgumentException wrong(String reason, String expected) {
        return new IllegalArgumentException(option + ": " + scheme + "… " + reason + " (expected: " + expected + ")");
    }

    private static String decode(String part) {
        return URLDecoder.decode(part, StandardCharsets.UTF_8);
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
