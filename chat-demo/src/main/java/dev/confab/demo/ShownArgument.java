package dev.confab.demo;

import java.util.regex.Pattern;

/** Formats an argument of the command line without its secrets. */
public final class ShownArgument {
    /**
     * The characters that separate the parts of a URL with a user, parameters or settings, or a user and a password
     * without a host.
     */
    private static final Pattern MAY_BE_SECRET = Pattern.compile("[@;%?=]|://[^/,]*:(?!\\d{1,5}(?:[/,]|$))");

    private ShownArgument() {}

    /** Returns the argument. If it may contain a secret, returns only the part that certainly contains none. */
    public static String of(String argument) {
        return mayBeSecret(argument) ? DatabaseOption.shown(argument) : argument;
    }

    static boolean mayBeSecret(String argument) {
        return MAY_BE_SECRET.matcher(argument).find();
    }
}
