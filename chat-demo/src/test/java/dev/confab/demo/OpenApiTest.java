package dev.confab.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatException;
import dev.confab.core.Health;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.StoreException;
import dev.confab.core.StoreException.Diagnosis;
import dev.confab.core.StoreException.Kind;
import dev.confab.demo.OpenApiFile.Operation;
import dev.confab.demo.OpenApiFile.Outcome;
import dev.confab.longpoll.ShortWait;
import dev.confab.netty.Access;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HttpConfig;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.LimitsConfig;
import dev.confab.netty.PlainRequests;
import dev.confab.netty.Principal;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.TestCertificate;
import dev.confab.netty.TlsConfig;
import dev.confab.netty.WsClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Compares the OpenAPI file with the server. */
final class OpenApiTest {
    private static final Operation READ = new Operation("GET", "/messages");
    private static final Operation PUBLISH = new Operation("POST", "/messages");
    private static final Operation EVENTS = new Operation("GET", "/events");
    private static final Operation WEBSOCKET = new Operation("GET", "/ws");
    private static final Operation PUB = new Operation("POST", "/pub");
    private static final Operation SUB = new Operation("GET", "/sub");
    private static final Operation PRESENCE = new Operation("GET", "/presence");
    private static final Operation SIGNAL = new Operation("POST", "/signals");
    private static final Operation HEALTH = new Operation("GET", "/health");
    private static final Operation READY = new Operation("GET", "/health/ready");
    private static final Operation LIVE = new Operation("GET", "/health/live");
    private static final Operation METRICS = new Operation("GET", "/metrics");
    private static final List<Operation> MANAGEMENT = List.of(READY, LIVE, METRICS);

    private static final String TYPING = "{\"event\":\"typing\",\"data\":\"x\",\"nick\":\"ann\"}";
    private static final String ANN = "ann";
    private static final String UNAVAILABLE_TOKEN = "unavailable";
    private static final String BROKEN_TOKEN = "broken";
    private static final String OLD_CURSOR = "01AAAAAAAAAAAAAAAAAAAAAAAA";
    private static final StoreException UNAVAILABLE = new StoreException(Kind.UNAVAILABLE, "planted", null);

    /** Values of which each parameter accepts some. */
    private static final List<String> VALUES = List.of(
            "0",
            "1",
            "60",
            "61",
            "1000",
            "1001",
            "-1",
            "1.5",
            "x",
            "a b",
            "a.b_c-D",
            "x".repeat(64),
            "x".repeat(65),
            "ü".repeat(64),
            "\n",
            "\u0000",
            "\u2028",
            "earliest",
            "latest",
            OLD_CURSOR,
            "01aaaaaaaaaaaaaaaaaaaaaaaa",
            "81AAAAAAAAAAAAAAAAAAAAAAAA",
            "OLAAAAAAAAAAAAAAAAAAAAAAAI",
            "01AAAAAAAAAAAAAAAAAAAAAAAU",
            "01AAAAAAAAAAAAAAAAAAAAAAA",
            "00000000-0000-0000-0000-000000000000",
            "0190b5a2-3c4d-7e5f-8A6B-9c0d1e2f3a4b",
            "0190b5a23c4d7e5f8a6b9c0d1e2f3a4b",
            "ulid",
            "uuid",
            "UUID",
            "true",
            "false",
            "True",
            "message",
            "join");

    @TempDir
    Path directory;

    private final OpenApiFile file = new OpenApiFile();
    private final OpenApiClient client = new OpenApiClient(file);

    @Test
    void theServerGivesExactlyTheResponsesOfTheFile() {
        try (FaultyNode node = new FaultyNode()) {
            askForSuccess(node.port());
            sendInvalidValues(node.port());
            breakHttp(node.port());
            failReads(node);
            failAppends(node);
            failHealthChecks(node);
        }
        askWithoutSomePaths();
        sendTooSlowly();
        exhaustTheInputBudget();
        waitForNoMessage();
        refuseClients();
        reachTheLimits();
        askWithoutTls();
        shutDown();
        assertThat(client.seen()).containsExactlyInAnyOrderElementsOf(file.outcomes());
    }

    @Test
    void eachParameterIsCheckedAsTheFileSays() {
        try (FaultyNode node = new FaultyNode()) {
            for (Operation operation : file.operations()) {
                for (String parameter : file.queryParameters(operation)) {
                    String name = file.text(parameter + "/name");
                    for (String value : VALUES) {
                        String query = "?" + name + "=" + URLEncoder.encode(value, UTF_8);
                        assertThat(isAccepted(node.port(), operation, query))
                                .as("%s%s", operation, query)
                                .isEqualTo(file.accepts(parameter, value));
                    }
                }
            }
        }
    }

    @Test
    void theExamplesOfBodiesAreAccepted() {
        try (FaultyNode node = new FaultyNode()) {
            for (Operation operation : file.operations()) {
                for (Map.Entry<String, JsonNode> example :
                        file.exampleBodies(operation).entrySet()) {
                    String type = example.getKey();
                    String body = body(type, example.getValue());
                    String fullType = type.equals("multipart/form-data") ? type + "; boundary=b" : type;
                    RawHttp.Response response =
                            client.ask(node.port(), operation, "", OpenApiClient.content(fullType, body), body);
                    assertThat(response.status()).as("%s %s", operation, type).isIn(200, 201, 204);
                }
            }
        }
    }

    @Test
    void theFileHasAllCodes() {
        Set<String> codes = file.outcomes().stream().map(Outcome::code).collect(Collectors.toSet());
        Stream<String> health =
                Stream.of(Health.values()).filter(state -> state != Health.OK).map(Health::code);
        assertThat(codes).containsAll(health.toList());
        assertThat(codes)
                .containsAll(Stream.of(Reason.values()).map(Reason::code).toList());
        assertThat(codes)
                .containsAll(
                        Stream.of(HttpReason.values()).map(HttpReason::code).toList());
    }

    @Test
    void theFileHasTheOperationsAndStatusesOfThePages() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "protocol.md"));
        Set<Operation> operations = new TreeSet<>();
        Matcher operation = Pattern.compile("`(GET|POST) (/[a-z/]+)").matcher(page);
        while (operation.find()) {
            operations.add(new Operation(operation.group(1), operation.group(2)));
        }
        Matcher path = Pattern.compile("(?m)^\\| `(/[a-z/]+)` \\|")
                .matcher(Files.readString(Path.of("..", "docs", "metrics.md")));
        while (path.find()) {
            operations.add(new Operation("GET", path.group(1)));
        }
        assertThat(file.operations()).isEqualTo(operations);

        Set<String> failures = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| (\\d{3}(?:, \\d{3})*) \\|").matcher(page);
        while (row.find()) {
            failures.addAll(List.of(row.group(1).split(", ")));
        }
        assertThat(file.outcomes().stream()
                        .filter(outcome -> outcome.status() >= 300)
                        .map(outcome -> "" + outcome.status())
                        .collect(Collectors.toSet()))
                .isEqualTo(failures);
        assertThat(file.outcomes())
                .allSatisfy(outcome -> assertThat(page).contains(outcome.code().isEmpty() ? "" : "`" + outcome.code()));
    }

    private void askForSuccess(int port) {
        client.ask(port, READ, "?wait=0&nick=ann");
        client.askForm(port, PUBLISH, "", "body=first");
        client.askJson(port, PUBLISH, "?ids=uuid", "{\"body\":\"hello\",\"nick\":\"ann\",\"key\":\"k1\"}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"hello\",\"nick\":\"ann\",\"key\":\"k1\"}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"other\",\"nick\":\"ann\",\"key\":\"k1\"}");
        client.ask(port, READ, "?wait=0");
        client.ask(port, READ, "?wait=0&ids=uuid&types=message&room=lobby&room=other");
        client.ask(port, READ, "?before=latest&limit=1");
        assertThat(client.ask(port, READ, "?after=" + OLD_CURSOR).body()).contains("\"type\":\"gap\"");
        client.ask(port, EVENTS, "?last=2&nick=bob");
        client.ask(port, EVENTS, "?ids=uuid", "Last-Event-ID: unknown\r\n", "");
        client.ask(port, WEBSOCKET, "?last=2", WsClient.UPGRADE, "");
        client.ask(port, WEBSOCKET, "");
        client.ask(port, PUB, "?message=hello");
        client.ask(port, SUB, "?last=1");
        client.ask(port, SUB, "?after=earliest");
        client.ask(port, PRESENCE, "");
        client.ask(port, PRESENCE, "?room=lobby&room=other");
        client.ask(port, HEALTH, "");
        MANAGEMENT.forEach(operation -> client.ask(port, operation, ""));
        RawHttp.Response signal = client.askDuring(
                port,
                READ,
                "?room=signals&after=latest&signals=true&wait=60",
                () -> client.askJson(port, SIGNAL, "?room=signals", TYPING));
        assertThat(signal.body()).contains("\"type\":\"signal\"");
    }

    private void sendInvalidValues(int port) {
        for (Operation operation : List.of(READ, EVENTS, WEBSOCKET, SUB)) {
            client.ask(port, operation, "?last=many");
            client.ask(port, operation, "?room=a%20b");
            client.ask(port, operation, "?nick=%0A");
            client.ask(port, operation, "?nick=%00");
            client.ask(port, operation, "?after=x");
        }
        client.ask(port, PRESENCE, "?room=%");
        client.ask(port, PRESENCE, "?room=a%20b");

        client.askJson(port, PUBLISH, "?nick=ann", "{\"body\":\"x\"}");
        client.askJson(port, PUBLISH, "?room=a%20b", "{\"body\":\"x\"}");
        client.askJson(port, PUBLISH, "", "{");
        client.askJson(port, PUBLISH, "", "{}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"\\u0000\"}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"x\",\"nick\":\"\\n\"}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"x\",\"key\":\"a b\"}");
        client.askJson(port, PUBLISH, "", "{\"body\":\"" + "x".repeat(10_001) + "\"}");
        client.askForm(port, PUBLISH, "", "body=%4");
        client.ask(port, PUBLISH, "", OpenApiClient.content("text/plain", "x"), "x");

        client.askJson(port, SIGNAL, "?event=typing", TYPING);
        client.askJson(port, SIGNAL, "?room=a%20b", TYPING);
        client.askJson(port, SIGNAL, "", "{");
        client.askJson(port, SIGNAL, "", "{}");
        client.askJson(port, SIGNAL, "", "{\"event\":\"typing\",\"data\":7}");
        client.askJson(port, SIGNAL, "", "{\"event\":\"typing\",\"data\":\"\\u0000\"}");
        client.askJson(port, SIGNAL, "", "{\"event\":\"typing\",\"nick\":\"\\n\"}");
        client.askJson(port, SIGNAL, "", "{\"event\":\"typing\",\"data\":\"" + "x".repeat(1_025) + "\"}");
        client.ask(port, SIGNAL, "", OpenApiClient.content("text/plain", TYPING), TYPING);

        client.ask(port, PUB, "");
        client.ask(port, PUB, "?message=x&room=a%20b");
        client.ask(port, PUB, "?message=x&nick=%0A");
        client.ask(port, PUB, "?message=%00");
        client.askForm(port, PUB, "", "message=%4");
        client.askForm(port, PUB, "", "message=" + "x".repeat(10_001));
    }

    private void breakHttp(int port) {
        for (Operation operation : file.operations()) {
            client.ask(port, operation, "", "Transfer-Encoding: gzip\r\n", "");
            client.ask(port, operation, "", "Content-Length: 70000\r\n", "");
            client.ask(port, operation, "?x=" + "x".repeat(9_000));
            client.ask(port, operation, "", "Expect: a-miracle\r\n", "");
            client.ask(port, operation, "", "X: " + "y".repeat(9_000) + "\r\n", "");
            // The health checks are open to every origin.
            client.ask(port, operation, "", "Origin: https://evil.example\r\n", "");
        }
    }

    /** Asks for entries that the service looks up in its store. */
    private void failReads(FaultyNode node) {
        for (RuntimeException failure : List.of(UNAVAILABLE, new IllegalStateException("planted"))) {
            node.store.failReads(failure, () -> {
                client.ask(node.port(), READ, "?before=latest");
                client.ask(node.port(), EVENTS, "?last=1");
                client.ask(node.port(), WEBSOCKET, "?last=1", WsClient.UPGRADE, "");
                client.ask(node.port(), SUB, "?last=1");
                client.ask(node.port(), PRESENCE, "");
            });
        }
    }

    private void failAppends(FaultyNode node) {
        List<RuntimeException> failures = List.of(
                UNAVAILABLE,
                new StoreException(Kind.OUTCOME_UNKNOWN, "planted", null),
                new StoreException(Kind.REFUSED, "planted", null),
                new IllegalStateException("planted"));
        for (RuntimeException failure : failures) {
            node.store.failAppends(failure, () -> {
                client.askForm(node.port(), PUBLISH, "", "body=x");
                client.ask(node.port(), PUB, "?message=x");
            });
        }
    }

    private void failHealthChecks(FaultyNode node) {
        for (Health health : List.of(Health.UNREACHABLE, Health.READ_ONLY, Health.FULL, Health.DAMAGED)) {
            RuntimeException failure = new StoreException(
                    Kind.UNAVAILABLE, "planted", null, new Diagnosis(health, "planted", health.code()));
            node.store.failChecks(failure, () -> {
                client.ask(node.port(), HEALTH, "");
                client.ask(node.port(), READY, "");
            });
        }
    }

    private void askWithoutSomePaths() {
        NodeConfig onlyWebSocket = NodeConfig.inMemory().withTransports(Set.of(Transport.WEBSOCKET));
        try (FaultyNode node = new FaultyNode(onlyWebSocket, HttpConfig.defaults(), FaultyNode.SERVER)) {
            client.ask(node.port(), READ, "");
            client.ask(node.port(), EVENTS, "");
            client.ask(node.port(), PUB, "?message=x");
            client.ask(node.port(), SUB, "");
        }
        NodeConfig onlyEvents = NodeConfig.inMemory().withTransports(Set.of(Transport.SSE));
        try (FaultyNode node = new FaultyNode(onlyEvents, HttpConfig.defaults(), FaultyNode.SERVER)) {
            client.ask(node.port(), WEBSOCKET, "");
        }
        try (FaultyNode node =
                new FaultyNode(false, chat -> Node.routes(NodeConfig.inMemory(), chat, List.of()), FaultyNode.SERVER)) {
            MANAGEMENT.forEach(operation -> client.ask(node.port(), operation, ""));
        }
    }

    private void sendTooSlowly() {
        HttpConfig impatient = HttpConfig.defaults()
                .withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofSeconds(10));
        try (FaultyNode node = new FaultyNode(NodeConfig.inMemory(), impatient, FaultyNode.SERVER)) {
            for (Operation operation : file.operations()) {
                client.ask(node.port(), operation, "", "Content-Length: 5\r\n", "");
            }
        }
    }

    private void exhaustTheInputBudget() {
        ChatServerConfig small = FaultyNode.SERVER.withBudgets(512 << 10, 512 << 10);
        try (FaultyNode node = new FaultyNode(NodeConfig.inMemory(), HttpConfig.defaults(), small)) {
            for (Operation operation : file.operations()) {
                client.askWhileOthersHoldInput(node.port(), operation);
            }
        }
    }

    private void waitForNoMessage() {
        try (FaultyNode node = new FaultyNode(
                false,
                chat -> Routes.of(ShortWait.of(chat, Duration.ofMillis(50)).toArray(Endpoint[]::new)),
                FaultyNode.SERVER)) {
            client.ask(node.port(), SUB, "");
        }
    }

    private void refuseClients() {
        AccessConfig access = AccessConfig.of(
                credentials -> CompletableFuture.completedFuture(principal(credentials.token())),
                (principal, room, operation) -> CompletableFuture.completedFuture(room.equals(Room.LOBBY)));
        try (FaultyNode node = new FaultyNode(
                false,
                chat -> FaultyNode.routes(NodeConfig.inMemory(), chat).with(Access.of(chat, access)),
                FaultyNode.SERVER)) {
            for (Operation operation : file.operations()) {
                boolean takesToken = file.takesToken(operation);
                ask(node, operation, "", UNAVAILABLE_TOKEN);
                ask(node, operation, "", BROKEN_TOKEN);
                assertThat(client.ask(node.port(), operation, "").status() == 401)
                        .as("%s wants a token", operation)
                        .isEqualTo(takesToken);
                if (takesToken && !operation.equals(METRICS)) {
                    RawHttp.Response forbidden = ask(node, operation, "?room=other&message=x", ANN);
                    assertThat(OpenApiFile.code(forbidden)).isEqualTo("forbidden");
                }
            }
            for (Operation operation : List.of(READ, EVENTS, WEBSOCKET)) {
                assertThat(ask(node, operation, "?nick=bob", ANN).body()).contains("\"field\":\"nick\"");
            }
            assertThat(ask(node, METRICS, "", ANN).status()).isEqualTo(200);
        }
    }

    /** Sends a request that is valid apart from its token and its query. */
    private RawHttp.Response ask(FaultyNode node, Operation operation, String query, String token) {
        String json = operation.equals(SIGNAL) ? TYPING : operation.equals(PUBLISH) ? "{\"body\":\"x\"}" : "";
        String headers = operation.equals(WEBSOCKET)
                ? WsClient.UPGRADE
                : json.isEmpty() ? "" : OpenApiClient.content("application/json", json);
        return client.ask(node.port(), operation, query, "Authorization: Bearer " + token + "\r\n" + headers, json);
    }

    private static Principal principal(String token) {
        return switch (token == null ? "" : token) {
            case ANN -> Principal.of(ANN);
            case UNAVAILABLE_TOKEN -> throw new ChatException(Reason.UNAVAILABLE, "planted");
            case BROKEN_TOKEN -> throw new IllegalStateException("planted");
            default -> throw HttpException.unauthenticated("A valid token is needed");
        };
    }

    private void reachTheLimits() {
        NodeConfig slow =
                NodeConfig.inMemory().withLimits(LimitsConfig.defaults().withPublishRate(1, 1));
        try (FaultyNode node = new FaultyNode(slow, HttpConfig.defaults(), FaultyNode.SERVER)) {
            String form = OpenApiClient.content("application/x-www-form-urlencoded", "body=x");
            client.askUntilLimited(node.port(), PUBLISH, "", form, "body=x");
            client.askUntilLimited(node.port(), PUB, "?message=x", "", "");
            String json = OpenApiClient.content("application/json", TYPING);
            client.askUntilLimited(node.port(), SIGNAL, "", json, TYPING);
        }
        NodeConfig oneConnection =
                NodeConfig.inMemory().withLimits(LimitsConfig.defaults().withMaxConnectionsPerAddress(1));
        try (FaultyNode node = new FaultyNode(oneConnection, HttpConfig.defaults(), FaultyNode.SERVER);
                RawHttp first = new RawHttp(node.port())) {
            first.get("/nothing").read();
            for (Operation operation : file.operations()) {
                client.ask(node.port(), operation, "");
            }
        }
    }

    private void askWithoutTls() {
        TlsConfig tls = TestCertificate.create("EC").writeTo(directory);
        for (PlainRequests plain : List.of(PlainRequests.REDIRECT, PlainRequests.REFUSE)) {
            ChatServerConfig config = FaultyNode.SERVER.withTls(tls.withPlain(plain));
            try (FaultyNode node = new FaultyNode(NodeConfig.inMemory(), HttpConfig.defaults(), config)) {
                for (Operation operation : file.operations()) {
                    client.ask(node.port(), operation, "");
                }
            }
        }
    }

    private void shutDown() {
        try (FaultyNode node =
                new FaultyNode(true, chat -> FaultyNode.routes(NodeConfig.inMemory(), chat), FaultyNode.SERVER)) {
            node.routes.announceDrain();
            client.ask(node.port(), HEALTH, "");
            client.ask(node.port(), READY, "");
            node.routes.drain(Duration.ZERO);
            client.ask(node.port(), EVENTS, "");
            client.ask(node.port(), WEBSOCKET, "", WsClient.UPGRADE, "");
            client.ask(node.port(), SUB, "");
            client.ask(node.port(), PUB, "?message=x");
            client.askForm(node.port(), PUBLISH, "", "body=x");
            node.chat.close();
            client.ask(node.port(), READ, "?before=latest");
            client.ask(node.port(), PRESENCE, "");
        }
    }

    /** Sends a HEAD in place of a GET, because its response does not wait. */
    private static boolean isAccepted(int port, Operation operation, String query) {
        try (RawHttp http = new RawHttp(port)) {
            if (operation.method().equals("GET")) {
                http.send(OpenApiClient.head(new Operation("HEAD", operation.path()), query, ""));
            } else if (operation.equals(SIGNAL)) {
                http.post(operation.path() + query, "application/json", TYPING);
            } else {
                // The message of /pub is in the form, unless it is the parameter in question.
                String field = operation.equals(PUBLISH) ? "body=x" : query.startsWith("?message") ? "" : "message=x";
                http.post(operation.path() + query, "application/x-www-form-urlencoded", field);
            }
            RawHttp.Response head = http.readHead();
            assertThat(head.status()).as("%s%s", operation, query).isIn(200, 201, 204, 400, 426);
            return head.status() != 400;
        }
    }

    private static String body(String type, JsonNode example) {
        return switch (type) {
            case "application/json" -> example.toString();
            case "application/x-www-form-urlencoded" ->
                example.properties().stream()
                        .map(field -> field.getKey() + "="
                                + URLEncoder.encode(field.getValue().stringValue(), UTF_8))
                        .collect(Collectors.joining("&"));
            default ->
                example.properties().stream()
                                .map(field -> "--b\r\nContent-Disposition: form-data; name=\"" + field.getKey()
                                        + "\"\r\n\r\n" + field.getValue().stringValue() + "\r\n")
                                .collect(Collectors.joining())
                        + "--b--\r\n";
        };
    }
}
