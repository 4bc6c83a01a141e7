package dev.confab.demo.bench;

import dev.confab.demo.ShownArgument;
import dev.confab.demo.Transport;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that all bench commands share. */
final class LoadOptions {
    private static final Pattern POSTGRES = Pattern.compile("(jdbc:postgresql|postgres|postgresql):.*");
    private static final String MEMORY = "memory";
    private static final int MAX_NODES = 32;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--transports",
            paramLabel = "LIST",
            split = ",",
            description = "What to measure, separated by commas: ${COMPLETION-CANDIDATES}.")
    private @Nullable Set<Transport> transports;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "200",
            description = "Connections that read (default: ${DEFAULT-VALUE}).")
    int subscribers;

    @Option(
            names = "--rooms",
            paramLabel = "N",
            defaultValue = "1",
            description = "Rooms: each subscriber reads one, each message goes to one (default: ${DEFAULT-VALUE}).")
    int rooms;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "100",
            description = "The length of a message's text, 25 or more (default: ${DEFAULT-VALUE}).")
    int payload;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            defaultValue = "32",
            description = "Connections that publish (default: ${DEFAULT-VALUE}).")
    int publishers;

    @Option(
            names = "--heads",
            paramLabel = "KIND",
            defaultValue = "plain",
            description =
                    "The headers that subscribers send, ${COMPLETION-CANDIDATES}: browser sends those of Chromium,"
                            + " and each subscriber has a cookie of its own (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    Heads heads;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description =
                    "Where the servers keep the log, as for serve; unless it is memory, the transports share servers"
                            + " (default: a new H2 file for each transport, removed afterwards).")
    private @Nullable String databaseUrl;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Servers on one PostgreSQL; subscribers and publishers are spread over them (default:"
                    + " ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--url",
            paramLabel = "URL",
            split = ",",
            description =
                    "Measure running servers, such as http://10.0.0.7:8080, instead of starting some. Several URLs,"
                            + " separated by commas, are nodes of one log.")
    private List<String> urls = List.of();

    @Option(
            names = "--server-java-options",
            paramLabel = "OPTIONS",
            description = "For the servers' JVMs, separated by spaces, such as \"-Xmx2g -XX:+UseZGC\" (default: none).")
    private @Nullable String javaOptions;

    /** @throws IllegalArgumentException when options contradict each other or a value is out of range */
    void check() {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new IllegalArgumentException("--nodes: " + nodes + " (expected: 1 to " + MAX_NODES + ")");
        }
        addresses();
        if (!urls.isEmpty()) {
            refuse("--database-url", databaseUrl);
            refuse("--server-java-options", javaOptions);
            refuse("--nodes", nodes == 1 ? null : nodes);
        } else if (nodes > 1
                && (databaseUrl == null || !POSTGRES.matcher(databaseUrl).matches())) {
            throw new IllegalArgumentException(
                    "--nodes: " + nodes + " (expected: 1, or a --database-url of PostgreSQL, which nodes can share)");
        }
    }

    private static void refuse(String option, @Nullable Object value) {
        if (value != null) {
            throw new IllegalArgumentException(
                    option + ": " + ShownArgument.of(String.valueOf(value)) + " (expected: none with --url)");
        }
    }

    private List<Address> addresses() {
        return urls.stream().map(Address::parse).toList();
    }

    Set<Transport> transports(Set<Transport> otherwise) {
        return transports == null ? otherwise : new LinkedHashSet<>(transports);
    }

    /** Whether all servers that the options describe have the same log. */
    boolean sharesLog() {
        return !urls.isEmpty() || (databaseUrl != null && !databaseUrl.equals(MEMORY));
    }

    /** @throws BenchException when a server does not start */
    Servers open() throws InterruptedException {
        return urls.isEmpty()
                ? Servers.start(
                        main(),
                        nodes,
                        databaseUrl,
                        javaOptions == null
                                ? List.of()
                                : List.of(javaOptions.strip().split("\\s+")))
                : Servers.at(addresses());
    }

    /** Returns the class of the whole command line, which is the main class of the demo. */
    private Class<?> main() {
        return spec.root().userObject().getClass();
    }

    int nodes() {
        return urls.isEmpty() ? nodes : urls.size();
    }

    /** Whether servers and client share a machine, as far as the URLs show. */
    boolean isLocal() {
        return addresses().stream().allMatch(address -> address.host().matches("localhost|127\\..*|\\[::1]"));
    }

    /** Returns a description of where the log is. */
    String log() {
        if (!urls.isEmpty()) {
            return "as the server at " + String.join(", ", urls) + " has it";
        }
        if (databaseUrl == null) {
            return "a new H2 file, synced to disk";
        }
        if (databaseUrl.equals(MEMORY)) {
            return "in memory";
        }
        return POSTGRES.matcher(databaseUrl).matches() ? "PostgreSQL" : ShownArgument.of(databaseUrl);
    }
}
