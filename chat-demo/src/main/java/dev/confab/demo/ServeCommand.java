package dev.confab.demo;

import dev.confab.core.Retention;
import dev.confab.netty.IoTransport;
import dev.confab.netty.LimitsConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "SIGTERM and Ctrl-C drain the server: it responds to waiting requests, stores accepted messages, and exits with 0."
        })
final class ServeCommand implements Callable<Integer> {
    /** The name of the environment variable with the URL of the database. */
    private static final String DATABASE_URL = "DATABASE_URL";

    /** The status of a command that has started a server: the process continues after the command returns. */
    static final int RUNNING = -1;

    private static final int MAX_PUBLISH_RATE = 1_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on; 0.0.0.0 for all (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The port to listen on; 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int port;

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = "--management-port",
            paramLabel = "PORT",
            description = "The port for /metrics, /health/live and /health/ready; 0 for any free port (default: the"
                    + " port of --port serves these paths, too).")
    private @Nullable Integer managementPort;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = {
                "The database of the log (default: the environment variable DATABASE_URL, otherwise "
                        + Database.DEFAULT_URL + "):",
                "  memory                         in memory: gone when the server ends",
                "  jdbc:h2:file:./data/chat       an embedded database in a file",
                "  jdbc:postgresql://host/db      PostgreSQL",
                "  postgres://user:pass@host/db   PostgreSQL"
            })
    private @Nullable String databaseUrl;

    @Option(
            names = "--notify-url",
            paramLabel = "URL",
            description = "PostgreSQL: the URL for notifications between nodes, if --database-url is a pooler that"
                    + " assigns a connection for each transaction (default: --database-url).")
    private @Nullable String notifyUrl;

    @Option(
            names = "--no-notify",
            description = "PostgreSQL: send no notifications; each node looks for new messages every second.")
    private boolean noNotify;

    @Option(
            names = "--transports",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "longpoll,sse,websocket",
            description = "The transports to serve, separated by commas (default: ${DEFAULT-VALUE}).")
    private Set<Transport> transports = Transport.SERVED;

    @Option(
            names = "--keep-for",
            paramLabel = "DURATION",
            description = "Remove messages older than this, such as PT24H or P30D (default: keep all).")
    private @Nullable Duration keepFor;

    @Option(
            names = "--keep-count",
            paramLabel = "N",
            description = "Keep only the newest N messages of each room (default: keep all).")
    private @Nullable Integer keepCount;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description =
                    "Allow the pages of another origin to use the server, such as https://chat.example. May be given"
                            + " several times (default: only the pages that it serves itself).")
    private List<String> allowedOrigins = List.of();

    @Option(
            names = "--allow-credentials",
            paramLabel = "ORIGIN",
            description =
                    "Like --allow-origin, and the pages of this origin may also send cookies. May be given several"
                            + " times (default: only the pages that it serves itself).")
    private List<String> credentialOrigins = List.of();

    @Option(
            names = "--trusted-proxy",
            paramLabel = "CIDR",
            description =
                    "Take the address of a client from X-Forwarded-For if the request comes from this proxy, such as"
                            + " 10.0.0.0/8. May be given several times (default: trust no proxy).")
    private List<String> trustedProxies = List.of();

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "N",
            defaultValue = "20000",
            description = "The largest number of open connections of one client address (default: ${DEFAULT-VALUE}).")
    private int maxConnectionsPerAddress;

    @Option(
            names = "--publish-rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many messages a second one client address may publish, and twice as many at once after a"
                    + " pause; 0 for no limit (default: ${DEFAULT-VALUE}).")
    private int publishRate;

    @Option(
            names = "--jwt-secret-file",
            paramLabel = "FILE",
            description = "Serve only clients with a JSON Web Token that is signed with the secret in this file: HS256,"
                    + " 256 bits or more in base64 (default: serve everybody).")
    private @Nullable Path jwtSecretFile;

    @Option(
            names = "--jwks-url",
            paramLabel = "URL",
            description = "Serve only clients with a JSON Web Token that is signed with a key of this key set: RS256,"
                    + " ES256 or EdDSA (default: serve everybody).")
    private @Nullable String jwksUrl;

    @Option(
            names = "--jwt-audience",
            paramLabel = "AUD",
            description = "The audience that tokens must be for (default: only tokens without an audience).")
    private @Nullable String jwtAudience;

    @Option(
            names = "--announce-anonymous",
            description = "Announce to all other WebSockets of a room when a client without a nick connects or"
                    + " disconnects. These notices are not in the log.")
    private boolean announceAnonymous;

    @Option(
            names = "--drain-delay",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description =
                    "On SIGTERM, respond to /health with 503 for this time before new connections are refused, so that a load"
                            + " balancer notices (default: ${DEFAULT-VALUE}).")
    private int drainDelay;

    @Option(
            names = "--io",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "The mechanism for sockets: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which is epoll"
                            + " if available, otherwise nio).")
    private IoTransport io = IoTransport.AUTO;

    @Option(
            names = "--no-warm-up",
            description =
                    "Do not run the server's code after the start, on a node of its own in memory, to make the first"
                            + " users' requests faster.")
    private boolean noWarmUp;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "The messages to log: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private LogLevel logLevel = LogLevel.INFO;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "The form of a line of the log, which is on standard error: ${COMPLETION-CANDIDATES} (default:"
                            + " ${DEFAULT-VALUE}).")
    private LogFormat logFormat = LogFormat.TEXT;

    @Override
    public Integer call() {
        Logging.set(logLevel, logFormat);
        NodeConfig config = config();
        Node node;
        try {
            node = Node.start(config, Tokens.access(jwtSecretFile, jwksUrl, jwtAudience));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        ProcessEnd.of(node, Duration.ofSeconds(drainDelay));
        LOG.info("{}, database {}", Version.text(), config.databaseUrl());
        if (managementPort != null) {
            LOG.info("Metrics and health checks on port {}", node.managementPort());
        }
        String shownHost = host.contains(":") ? "[" + host + "]" : host;
        System.out.println("Listening on http://" + shownHost + ":" + node.port());
        if (config.tls() != null) {
            System.out.println("Listening on https://" + shownHost + ":" + node.tlsPort());
        }
        if (!noWarmUp) {
            Warmup.start(config.io());
        }
        return RUNNING;
    }

    private NodeConfig config() {
        try {
            return new NodeConfig(
                    host,
                    port,
                    managementPort,
                    databaseUrl(),
                    transports,
                    retention(),
                    Duration.ofSeconds(drainDelay),
                    Notifications.of(!noNotify, notifyUrl),
                    allowedOrigins,
                    credentialOrigins,
                    limits(),
                    io,
                    announceAnonymous,
                    tls.config());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private DatabaseUrl databaseUrl() {
        if (databaseUrl != null) {
            return DatabaseOption.parse("--database-url", databaseUrl);
        }
        // An empty variable means that none is set, because some environments define the variable for many programs.
        String environment = System.getenv(DATABASE_URL);
        return environment == null || environment.isBlank()
                ? DatabaseOption.parse("--database-url", Database.DEFAULT_URL)
                : DatabaseOption.parse(DATABASE_URL, environment);
    }

    /** Checks the values here, so that an error names the option of the command line and not the field of the core. */
    private Retention retention() {
        if (keepFor != null && (keepFor.isZero() || keepFor.isNegative())) {
            throw new IllegalArgumentException("--keep-for: " + keepFor + " (expected: more than zero)");
        }
        if (keepCount != null && keepCount < 1) {
            throw new IllegalArgumentException("--keep-count: " + keepCount + " (expected: 1 or more)");
        }
        return new Retention(keepFor, keepCount);
    }

    private LimitsConfig limits() {
        if (maxConnectionsPerAddress < 1) {
            throw new IllegalArgumentException(
                    "--max-connections-per-address: " + maxConnectionsPerAddress + " (expected: 1 or more)");
        }
        if (publishRate < 0 || publishRate > MAX_PUBLISH_RATE) {
            throw new IllegalArgumentException(
                    "--publish-rate: " + publishRate + " (expected: 0 to " + MAX_PUBLISH_RATE + ")");
        }
        return LimitsConfig.defaults()
                .withMaxConnectionsPerAddress(maxConnectionsPerAddress)
                .withPublishRate(publishRate, Math.max(1, 2 * publishRate))
                .withTrustedProxies(trustedProxies);
    }
}
