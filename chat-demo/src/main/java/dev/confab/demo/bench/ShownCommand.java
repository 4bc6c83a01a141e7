package dev.confab.demo.bench;

import dev.confab.demo.ShownArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** The command line in a report, without secrets. Thread-safe. */
final class ShownCommand {
    private static final Pattern SECRET_NAME = Pattern.compile("(?i)pass|pwd|secret|token|key|credential");

    private ShownCommand() {}

    /** Returns the command as it was given, without secrets. */
    static String of(CommandSpec spec) {
        List<String> words = new ArrayList<>(List.of("java -jar chat-demo.jar"));
        for (String word : spec.root().commandLine().getParseResult().originalArgs()) {
            String shown = argument(word);
            words.add(shown.matches("[\\w./:,@=…-]+") ? shown : "'" + shown.replace("'", "'\\''") + "'");
        }
        return String.join(" ", words);
    }

    /** Returns an argument without secrets. An argument may consist of several JVM options. */
    static String argument(String word) {
        return Stream.of(word.split("(?= -)", -1)).map(ShownCommand::option).collect(Collectors.joining());
    }

    private static String option(String option) {
        int value = option.stripLeading().startsWith("-") ? option.indexOf('=') + 1 : 0;
        String name = option.substring(0, value);
        return name + (SECRET_NAME.matcher(name).find() ? "…" : ShownArgument.of(option.substring(value)));
    }
}
