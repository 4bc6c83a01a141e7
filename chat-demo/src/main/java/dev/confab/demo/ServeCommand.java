package dev.confab.demo;

import dev.confab.core.Retention;
import dev.confab.netty.IoTransport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serve}: runs a node until SIGTERM or SIGINT. */
@Command(
        name = "serve",
        description = "Runs the chat server.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "Try it, with the server running on the default port:",
            "  curl 'localhost:8080/messages?after=latest&wait=10'    waits for a message",
            "  curl -d body=hello localhost:8080/messages             publishes one (another shell)",
            "  curl 'localhost:8080/messages?wait=0'                  shows all there is",
            "",
            "SIGTERM and Ctrl-C drain: waiting requests are answered, accepted messages are stored, then it exits with 0."
        })
final class ServeCommand implements Callable<Integer> {
    /** The variable of the environment with the URL of the database. */
    private static final String DATABASE_URL = "DATABASE_URL";

    /** Serving goes on after the command was run. */
    static final int RUNNING = -1;

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}; 0.0.0.0 for all).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The port to listen on, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = {
                "Where the log is kept (default: the environment's DATABASE_URL, else " + Database.DEFAULT_URL + "):",
                "  memory                         in memory: gone when the server ends",
                "  jdbc:h2:file:./data/chat       an embedded database in a file",
                "  jdbc:postgresql://host/db      PostgreSQL",
                "  postgres://user:pass@host/db   PostgreSQL"
            })
    private @Nullable String databaseUrl;

    @Option(
            names = "--notify-url",
            paramLabel = "URL",
            description =
                    "PostgreSQL: where nodes tell one another of new messages, when --database-url is a pooler that"
                            + " gives a connection for each transaction (default: the database's).")
    private @Nullable String notifyUrl;

    @Option(
            names = "--no-notify",
            description = "PostgreSQL: do not tell one another; each node looks for new messages every second.")
    private boolean noNotify;

    @Option(
            names = "--transports",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "longpoll,sse,websocket",
            description = "How clients may read, separated by commas (default: ${DEFAULT-VALUE}).")
    private Set<Transport> transports = EnumSet.allOf(Transport.class);

    @Option(
            names = "--keep-for",
            paramLabel = "DURATION",
            description = "Remove messages that are older, such as PT24H or P30D (default: keep all).")
    private @Nullable Duration keepFor;

    @Option(
            names = "--keep-count",
            paramLabel = "N",
            description = "Keep only the newest N messages of a room (default: keep all).")
    private @Nullable Integer keepCount;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description = "Let the pages of another origin use the server, such as https://chat.example. May be given"
                    + " several times (default: only the pages that it serves itself).")
    private List<String> allowedOrigins = List.of();

    @Option(
            names = "--drain-delay",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description =
                    "On SIGTERM, answer /health with 503 for so long before connections are refused, so that a load"
                            + " balancer notices (default: ${DEFAULT-VALUE}).")
    private int drainDelay;

    @Option(
            names = "--io",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "How to get at the sockets: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which is epoll"
                            + " where it is to be had, else nio).")
    private IoTransport io = IoTransport.AUTO;

    @Override
    public Integer call() {
        NodeConfig config = config();
        Node node;
        try {
            node = Node.start(config);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        ProcessEnd.of(node, Duration.ofSeconds(drainDelay));
        LOG.info("{}, database {}", Main.version(), config.databaseUrl());
        System.out.println("Listening on http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + node.port());
        return RUNNING;
    }

    private NodeConfig config() {
        try {
            return new NodeConfig(
                    host,
                    port,
                    databaseUrl(),
                    transports,
                    retention(),
                    Duration.ofSeconds(drainDelay),
                    Notifications.of(!noNotify, notifyUrl),
                    allowedOrigins,
                    io);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private DatabaseUrl databaseUrl() {
        if (databaseUrl != null) {
            return DatabaseUrl.parse("--database-url", databaseUrl);
        }
        // Where variables are set for many programs, an empty one stands for none.
        String environment = System.getenv(DATABASE_URL);
        return environment == null || environment.isBlank()
                ? DatabaseUrl.parse("--database-url", Database.DEFAULT_URL)
                : DatabaseUrl.parse(DATABASE_URL, environment);
    }

    /** Says it in the words of the command line, where the core has its own. */
    private Retention retention() {
        if (keepFor != null && (keepFor.isZero() || keepFor.isNegative())) {
            throw new IllegalArgumentException("--keep-for: " + keepFor + " (expected: more than zero)");
        }
        if (keepCount != null && keepCount < 1) {
            throw new IllegalArgumentException("--keep-count: " + keepCount + " (expected: 1 or more)");
        }
        return new Retention(keepFor, keepCount);
    }
}
