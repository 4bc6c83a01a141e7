package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
                "Measures the transports in turn, each with its own server: latencies from the time when a message was due,"
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
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often to measure each transport; the transports take turns, and the figures are medians"
                    + " (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "4",
            description = "How long to measure in each round (default: ${DEFAULT-VALUE}).")
    private int duration;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long to publish before the first measurement of a transport, and at most a second before"
                    + " each later one (default: ${DEFAULT-VALUE}).")
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
        Turns turns = turns();
        Progress progress = new Progress(spec.commandLine().getErr());
        List<Rounds> results = measure(turns, load, progress);
        Report report = new Report(
                ShownCommand.of(spec),
                Machine.here(),
                options.log(),
                options.nodes(),
                options.isLocal(),
                load,
                rounds,
                results);
        tell(report, progress);
        return report.isWhole() ? 0 : 1;
    }

    private List<Rounds> measure(Turns turns, Load load, Progress progress) throws InterruptedException {
        Set<Transport> transports = options.transports(EnumSet.allOf(Transport.class));
        try (Fleet fleet = Fleet.open(options, transports)) {
            Map<Transport, IdleMemory> idleMemory = new EnumMap<>(Transport.class);
            for (Transport transport : transports) {
                idleMemory.put(transport, IdleMemory.measure(transport, fleet.of(transport), load, progress));
            }
            Set<Transport> warm = EnumSet.noneOf(Transport.class);
            return turns.run(transports, (transport, round) -> {
                Load next = warm.add(transport) ? load : load.again();
                progress.say(transport.label() + ", round " + round + " of " + rounds + ": "
                        + Figures.whole(next.subscribers()) + " subscribers, " + Figures.rate(rate)
                        + " messages a second, " + next.warmUpSeconds() + " + " + next.seconds() + " s");
                IdleMemory idle = idleMemory.getOrDefault(transport, IdleMemory.UNKNOWN);
                Result result = Trial.run(transport, fleet.of(transport), idle, next, progress);
                result.stalls()
                        .disturbance()
                        .ifPresent(reason -> progress.say("  " + transport.label() + ": " + reason));
                return result;
            });
        }
    }

    private void tell(Report report, Progress progress) {
        for (Rounds result : report.results()) {
            report.findings(result)
                    .forEach(finding -> progress.say("! " + result.transport().label() + ": " + finding));
        }
        if (json != null) {
            OutputFile.write("--json", json, JsonReport.of(report));
        }
        if (html != null) {
            OutputFile.write("--html", html, HtmlReport.of(report));
        }
        spec.commandLine().getOut().println(report.table());
        spec.commandLine().getOut().println(report.stalls());
        spec.commandLine().getOut().flush();
    }

    private Load load() {
        return checked(() -> {
            options.check();
            OutputFile.check("--json", json);
            OutputFile.check("--html", html);
            return new Load(
                    options.subscribers,
                    options.rooms,
                    rate,
                    options.payload,
                    options.publishers,
                    options.heads,
                    warmUp,
                    duration,
                    idle);
        });
    }

    private Turns turns() {
        return checked(() -> new Turns(rounds));
    }

    private <T> T checked(Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
