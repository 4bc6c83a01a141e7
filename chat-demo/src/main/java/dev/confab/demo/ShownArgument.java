package dev.confab.demo;

import java.util.regex.Pattern;

/** An argument of the command line as it may be shown. */
public final class ShownArgument {
    /** The characters that divide a URL with a user, parameters or settings; or a user and a password without a host. */
    private static final Pattern MAY_BE_SECRET = Pattern.compile("[@;%?=]|://[^/,]*:(?!\\d{1,5}(?:[/,]|$))");

    private ShownArgument() {}

    /** Returns the argument, or of one that may contain a secret, what certainly is none. */
    public static String of(String argument) {
        return mayBeSecret(argument) ? DatabaseUrl.shown(argument) : argument;
    }

    static boolean mayBeSecret(String argument) {
        return MAY_BE_SECRET.matcher(argument).find();
    }
}
