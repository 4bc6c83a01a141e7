package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench sweep}: finds how many messages a second each transport can deliver in time. */
@Command(
        name = "sweep",
        description =
                "Finds the rate at which the 99th percentile of the latency exceeds a limit: doubles the rate, then"
                        + " narrows it down.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class SweepCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private LoadOptions options;

    @Option(
            names = "--limit",
            paramLabel = "MS",
            defaultValue = "50",
            description = "The limit of the 99th percentile, in milliseconds (default: ${DEFAULT-VALUE}).")
    private double limit;

    @Option(
            names = "--from",
            paramLabel = "N",
            defaultValue = "50",
            description = "The first rate, in messages a second (default: ${DEFAULT-VALUE}).")
    private double from;

    @Option(
            names = "--to",
            paramLabel = "N",
            defaultValue = "20000",
            description = "The highest rate to try (default: ${DEFAULT-VALUE}).")
    private double most;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "How long to measure each rate (default: ${DEFAULT-VALUE}).")
    private int duration;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description =
                    "How long to publish before each measurement, five times as long before the first (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all steps to a file.")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException {
        Load load = load();
        Progress progress = new Progress(spec.commandLine().getErr());
        List<Sweep.Found> found = new ArrayList<>();
        // Short polls are left out by default, because they are late by half a second at any rate.
        for (Transport transport : options.transports(EnumSet.complementOf(EnumSet.of(Transport.SHORTPOLL)))) {
            try (Servers servers = options.open()) {
                progress.say(transport.label() + ": " + Figures.whole(load.subscribers()) + " subscribers");
                Trial.run(transport, servers, IdleMemory.UNKNOWN, load.at(from, warmUp * 5, 1), progress);
                found.add(new Sweep(limit, from, most)
                        .run(transport, rate -> step(transport, servers, load, rate, progress)));
            }
        }
        Sweep.Report report = new Sweep.Report(
                ShownCommand.of(spec), Machine.here(), options.log(), options.nodes(), load, limit, found);
        if (json != null) {
            OutputFile.write("--json", json, JsonReport.of(report));
        }
        spec.commandLine().getOut().println(report.table());
        spec.commandLine().getOut().flush();
        return 0;
    }

    private Result step(Transport transport, Servers servers, Load load, double rate, Progress progress) {
        try {
            progress.say("  " + Figures.rate(rate) + " messages a second");
            return Trial.run(transport, servers, IdleMemory.UNKNOWN, load.at(rate, warmUp, duration), progress);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    private Load load() {
        try {
            options.check();
            OutputFile.check("--json", json);
            if (!(limit > 0)) {
                throw new IllegalArgumentException("--limit: " + limit + " (expected: more than 0)");
            }
            if (!(most >= from)) {
                throw new IllegalArgumentException("--to: " + most + " (expected: at least --from, " + from + ")");
            }
            // Checks that the highest rate is allowed too.
            Load highest = new Load(
                    options.subscribers,
                    options.rooms,
                    most,
                    options.payload,
                    options.publishers,
                    options.heads,
                    warmUp,
                    duration,
                    0);
            return highest.at(from, warmUp, duration);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), String.valueOf(e.getMessage()).replace("--rate", "--to"), e);
        }
    }
}
