package dev.confab.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Creates the error lines of the command line. Arguments that may contain a secret, such as a URL in the wrong place,
 * are not shown.
 */
final class ErrorText {
    private static final Pattern OPTION = Pattern.compile("--[A-Za-z][A-Za-z0-9-]*|-[A-Za-z]");

    private ErrorText() {}

    static String of(ParameterException wrong, String[] args) {
        String first = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong option");
        return wrong instanceof UnmatchedArgumentException unmatched
                ? of(unmatched, first)
                : withoutSecrets(first, List.of(args));
    }

    /** Shows only the names of options, because the text after an unknown option may be a secret. */
    private static String of(UnmatchedArgumentException wrong, String message) {
        List<String> names = new ArrayList<>();
        for (String argument : wrong.getUnmatched()) {
            Matcher name = OPTION.matcher(argument);
            if (name.lookingAt()) {
                names.add("'" + name.group() + "'");
            }
        }
        if (names.isEmpty()) {
            // Keep only the part before the colon, which gives the position of the argument.
            return message.replaceFirst("(?s):.*", "");
        }
        return (names.size() == 1 ? "Unknown option: " : "Unknown options: ") + String.join(", ", names);
    }

    /** Replaces all arguments that may contain a secret, and the parts that picocli makes of them. */
    static String withoutSecrets(@Nullable String message, List<String> args) {
        String text = String.valueOf(message);
        Set<String> parts = new LinkedHashSet<>();
        for (String arg : args) {
            String value = arg.startsWith("-") && arg.indexOf('=') > 0 ? arg.substring(arg.indexOf('=') + 1) : arg;
            if (ShownArgument.mayBeSecret(value)) {
                text = text.replace(value, DatabaseOption.shown(value));
                parts.addAll(List.of(value.split(",")));
            }
        }
        for (String part : parts) {
            text = text.replace("'" + part + "'", "'" + DatabaseOption.shown(part) + "'");
        }
        return text;
    }
}
