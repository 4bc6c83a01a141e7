package dev.confab.demo;

import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the URL of an H2 database: {@code jdbc:h2:file:./data/chat;NAME=value;…}. */
final class H2Url {
    /** One setting. A backslash makes the next character a part of the value. */
    private static final Pattern SETTING =
            Pattern.compile(";(?:\\s*(?<name>[A-Za-z_ ]+?)\\s*=(?<value>(?:[^;\\\\]|\\\\.)*))?");

    private static final Pattern WITH_USER = Pattern.compile(DatabaseUrl.H2 + "(?!file:///)[a-zA-Z]+:/.*@.*");

    private H2Url() {}

    static boolean matches(String url) {
        return url.startsWith(DatabaseUrl.H2);
    }

    /** Parses a URL and moves USER and PASSWORD to the properties. */
    static DatabaseUrl parse(String option, String url) {
        int end = url.indexOf(';');
        String place = end < 0 ? url : url.substring(0, end);
        if (place.indexOf('?') >= 0) {
            throw wrong(
                    option,
                    "settings after a question mark",
                    "settings after a semicolon, as in " + DatabaseUrl.H2 + "file:./data/chat;CACHE_SIZE=65536");
        }
        if (WITH_USER.matcher(place).matches()) {
            throw wrong(option, "a user before @", DatabaseUrl.H2 + "file:./data/chat");
        }
        Properties properties = new Properties();
        properties.setProperty("user", "sa");
        StringBuilder others = new StringBuilder(place);
        Matcher setting = SETTING.matcher(url);
        for (int at = place.length(); at < url.length(); at = setting.end()) {
            if (!setting.find(at) || setting.start() != at) {
                throw wrong(option, "a setting without a value", ";NAME=value, with a semicolon in a value as \\;");
            }
            move(setting, properties, others, option);
        }
        return new DatabaseUrl(place, others.toString(), properties);
    }

    private static void move(Matcher setting, Properties properties, StringBuilder others, String option) {
        String name = setting.group("name") == null ? "" : setting.group("name").toUpperCase(Locale.ROOT);
        switch (name) {
            case "USER", "PASSWORD" ->
                properties.setProperty(
                        name.toLowerCase(Locale.ROOT), setting.group("value").replaceAll("\\\\(.)", "$1"));
            case "INIT" -> {
                // H2 quotes a failed statement in its error.
                if (setting.group("value").toUpperCase(Locale.ROOT).contains("PASSWORD")) {
                    throw wrong(option, "INIT with a password", "none: H2 shows the statements of INIT that fail");
                }
                others.append(setting.group());
            }
            case "" -> {}
            default -> others.append(setting.group());
        }
    }

    private static IllegalArgumentException wrong(String option, String has, String expected) {
        return new IllegalArgumentException(
                option + ": " + DatabaseUrl.H2 + "… has " + has + " (expected: " + expected + ")");
    }
}
