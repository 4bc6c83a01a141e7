package dev.confab.demo.bench;

import dev.confab.demo.ShownArgument;
import dev.confab.demo.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: compares the transports. */
@Command(
        name = "bench",
        description =
                "Measures the transports side by side, each with its own server: latencies from the time when a message was due,"
                        + " and lost, doubled or misordered messages.",
        subcommands = SweepCommand.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "[sweep]",
        footer = {
            "",
            "Without options it takes a minute and a half. The exit status is 1 when messages were lost, doubled or out of order.",
            "docs/benchmark.md explains the figures."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final Pattern SECRET_NAME = Pattern.compile("(?i)pass|pwd|secret|token|key|credential");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private LoadOptions options;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Messages a second over all rooms, even if the server does not keep up (default:"
                    + " ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    private int duration;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long to publish before the measurement (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Idle connections, opened first, to measure the memory of a connection; 0 for none (default:"
                    + " ${DEFAULT-VALUE}).")
    private int idle;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures to a file.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write an HTML page with charts to a file.")
    private @Nullable Path html;

    /** For picocli. */
    public BenchCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        Load load = load();
        Progress progress = new Progress(spec.commandLine().getErr());
        List<Result> results = new ArrayList<>();
        for (Transport transport : options.transports(EnumSet.allOf(Transport.class))) {
            progress.say(transport.label() + ": " + Figures.whole(load.subscribers()) + " subscribers, "
                    + Figures.rate(rate) + " messages a second, " + warmUp + " + " + duration + " s");
            try (Servers servers = options.open()) {
                results.add(Trial.run(transport, servers, load, progress));
            }
        }
        Report report = new Report(
                commandLine(spec), Machine.here(), options.log(), options.nodes(), options.isLocal(), load, results);
        tell(report, progress);
        return results.stream().allMatch(Result::isWhole) ? 0 : 1;
    }

    private void tell(Report report, Progress progress) {
        for (Result result : report.results()) {
            report.findings(result)
                    .forEach(finding -> progress.say("! " + result.transport().label() + ": " + finding));
        }
        if (json != null) {
            write("--json", json, JsonReport.of(report));
        }
        if (html != null) {
            write("--html", html, HtmlReport.of(report));
        }
        spec.commandLine().getOut().println(report.table());
        spec.commandLine().getOut().flush();
    }

    private Load load() {
        try {
            options.check();
            checkFile("--json", json);
            checkFile("--html", html);
            return new Load(
                    options.subscribers,
                    options.rooms,
                    rate,
                    options.payload,
                    options.publishers,
                    warmUp,
                    duration,
                    idle);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Checks before a run that a file can be written, so that the results of the run are not lost. */
    static void checkFile(String option, @Nullable Path file) {
        if (file != null) {
            Path parent = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file) || parent == null || !Files.isWritable(parent)) {
                throw new IllegalArgumentException(option + ": " + file + " (expected: a file that can be written)");
            }
        }
    }

    static void write(String option, Path file, String content) {
        try {
            Files.writeString(file, content, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BenchException(option + ": " + file + " could not be written: " + e.getMessage(), e);
        }
    }

    /** Returns the command as it was given, without secrets. */
    static String commandLine(CommandSpec spec) {
        List<String> words = new ArrayList<>(List.of("java -jar chat-demo.jar"));
        for (String word : spec.root().commandLine().getParseResult().originalArgs()) {
            String shown = shown(word);
            words.add(shown.matches("[\\w./:,@=…-]+") ? shown : "'" + shown.replace("'", "'\\''") + "'");
        }
        return String.join(" ", words);
    }

    /** Returns an argument without secrets. An argument may consist of several JVM options. */
    static String shown(String word) {
        return Stream.of(word.split("(?= -)", -1))
                .map(BenchCommand::shownOption)
                .collect(Collectors.joining());
    }

    private static String shownOption(String option) {
        int value = option.stripLeading().startsWith("-") ? option.indexOf('=') + 1 : 0;
        String name = option.substring(0, value);
        return name + (SECRET_NAME.matcher(name).find() ? "…" : ShownArgument.of(option.substring(value)));
    }
}
