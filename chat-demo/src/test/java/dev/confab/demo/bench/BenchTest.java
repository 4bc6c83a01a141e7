package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.CommandLines;
import dev.confab.jdbi.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Runs the bench command briefly, with arguments as a user would type them. */
final class BenchTest {
    private static final String[] TRANSPORTS = {"websocket", "sse", "longpoll", "shortpoll"};

    @TempDir
    Path directory;

    @Test
    void everyTransportDeliversAllMessagesOnceAndInOrder() throws IOException {
        Path json = directory.resolve("bench.json");
        Path html = directory.resolve("bench.html");
        Run run =
                bench("--database-url memory --subscribers 6 --rooms 2 --rate 40 --payload 60 --publishers 4 --idle 10"
                        + " --rounds 2 --warmup 1 --duration 1 --json " + json + " --html " + html);
        assertThat(run.status()).as(run.err()).isZero();
        // Each transport has a row of medians and two rows of the range. The last line names the stalls.
        assertThat(run.out().lines()).hasSize(3 + 3 * TRANSPORTS.length + 1);

        String figures = Files.readString(json);
        Set<String> fields = fields(figures);
        assertThat(fields).containsAll(documentedFields());
        assertThat(documentedFields()).containsAll(fields);
        assertThat(numbers(figures, "expected")).containsOnly(2 * 40L * 3, 40L * 3);
        assertThat(numbers(figures, "delivered")).containsOnly(2 * 40L * 3, 40L * 3);
        assertThat(numbers(figures, "acknowledged")).containsOnly(2 * 80L, 80L);
        // One number for all rounds of a transport, and one for each round. A stall of the machine repeats a round.
        assertThat(numbers(figures, "lost"))
                .hasSizeGreaterThanOrEqualTo(3 * TRANSPORTS.length)
                .containsOnly(0L);
        assertThat(numbers(figures, "doubled")).containsOnly(0L);
        assertThat(numbers(figures, "outOfOrder")).containsOnly(0L);
        assertThat(numbers(figures, "connectionsLost")).containsOnly(0L);

        String page = Files.readString(html);
        for (String transport : TRANSPORTS) {
            assertThat(page).contains("<g class=\"" + transport + "\"><path class=\"curve\" d=\"M");
        }
        assertThat(page).doesNotContain("http://", "https://", "src=", "href=", "@import", "url(", "{{", "NaN");
    }

    @Test
    void readersInManyRoomsWithTheHeadersOfABrowserGetAllMessages() throws IOException {
        Path json = directory.resolve("browser.json");
        Run run = bench("--database-url memory --transports websocket,sse,longpoll --heads browser --subscribers 40"
                + " --rooms 20 --rate 40 --publishers 4 --idle 0 --rounds 1 --warmup 0 --duration 1 --json " + json);
        assertThat(run.status()).as(run.err()).isZero();
        String figures = Files.readString(json);
        assertThat(figures).contains("\"heads\" : \"browser\"");
        assertThat(numbers(figures, "rooms")).containsExactly(20L);
        assertThat(numbers(figures, "delivered")).containsOnly(80L);
        assertThat(numbers(figures, "connectionsLost")).containsOnly(0L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--subscriber 1 | Unknown option: '--subscriber'",
                "--subscribers 0 | --subscribers: 0 (expected: 1 to 50000)",
                "--subscribers 2 --rooms 3 | --rooms: 3 (expected: 1 to 2)",
                "--rate 0 | --rate: 0.0 (expected: 0.1 to 100000)",
                "--rate NaN | --rate: NaN (expected: 0.1 to 100000)",
                "--rounds 0 | --rounds: 0 (expected: 1 to 100)",
                "--payload 24 | --payload: 24 (expected: 25 to 10000)",
                "--rate 100000 --subscribers 50000 | --rate, --subscribers and --duration: 45000000000 deliveries"
                        + " (expected: at most 4000000000)",
                "--transports websocket,fax | Invalid value for option '--transports' (LIST): expected one of"
                        + " [WEBSOCKET, SSE, LONGPOLL, SHORTPOLL] (case-insensitive) but was 'fax'",
                "--heads firefox | Invalid value for option '--heads': expected one of [PLAIN, BROWSER]"
                        + " (case-insensitive) but was 'firefox'",
                "--nodes 3 | --nodes: 3 (expected: 1, or a --database-url of PostgreSQL, which nodes can share)",
                "--url ftp://chat.example | --url: ftp://chat.example (expected: http://host:port or https://host:port)",
                "--url http://chat.example --database-url postgres://a:secret@host/db | --database-url: postgres://…@host/db"
                        + " (expected: none with --url)",
                "--json /nowhere/bench.json | --json: /nowhere/bench.json (expected: a file that can be written)",
                "sweep --from 10 --to 5 | --to: 5.0 (expected: at least --from, 10.0)",
                "sweep --limit 0 | --limit: 0.0 (expected: more than 0)",
            })
    void aWrongOptionIsOneClearLineAndStatusTwo(String options, String line) {
        Run run = bench(options);
        String command = options.startsWith("sweep") ? "chat-demo bench sweep: " : "chat-demo bench: ";
        assertThat(run.err().lines().findFirst().orElseThrow()).isEqualTo(command + line);
        assertThat(run.err()).doesNotContain("secret", "\tat ");
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void lastLinesOfAServerThatDoesNotStartAreShown() {
        Run run = bench("--transports sse --database-url mysql://a:secret@host/db");
        assertThat(run.err())
                .contains("bench: The server did not start:\n  ", "DATABASE_URL: mysql://… (expected: memory, ")
                .doesNotContain("secret", "\tat ");
        assertThat(run.status()).isOne();
    }

    @Test
    void unreachableServerIsReportedInOneLine() {
        Run run = bench("--transports sse --url http://127.0.0.1:1");
        assertThat(run.err().lines().skip(1)).hasSize(1).first().asString().startsWith("bench: SSE: ");
        assertThat(run.status()).isOne();
    }

    @Test
    void severalNodesShareOneLog() throws IOException {
        Path json = directory.resolve("nodes.json");
        Run run = bench("--transports sse,longpoll --nodes 2 --database-url " + PostgresServer.newSchema()
                + " --subscribers 4 --rate 40 --publishers 4 --idle 0 --rounds 1 --warmup 1"
                + " --duration 1 --json " + json);
        assertThat(run.status()).as(run.err()).isZero();
        // One number for each transport and one for its round. A stall of the machine repeats the round.
        assertThat(numbers(Files.readString(json), "delivered"))
                .hasSizeGreaterThanOrEqualTo(4)
                .containsOnly(160L);
        assertThat(numbers(Files.readString(json), "nodes")).containsExactly(2L);
    }

    @Test
    void aSweepFindsTheHighestRate() throws IOException {
        Path json = directory.resolve("sweep.json");
        Run run = bench(
                // A step fails if 5 % of the deliveries come after its end. Of 3 s, that is a pause of 150 ms.
                "sweep --transports websocket --database-url memory --subscribers 3 --from 20 --to 40 --limit 5000"
                        + " --warmup 0 --duration 3 --json " + json);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().skip(3)).hasSize(1).first().asString().startsWith("WebSocket ");
        assertThat(numbers(Files.readString(json), "highestRate")).containsExactly(40L);
    }

    /** The output and the exit status of a run. */
    private record Run(int status, String out, String err) {}

    private static Run bench(String options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = CommandLines.main();
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int status = command.execute(("bench " + options).split(" "));
        return new Run(status, out.toString(), err.toString());
    }

    /** Returns the names in the first column of the table of fields. */
    private static Set<String> documentedFields() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "benchmark.md"));
        String table = page.substring(page.indexOf("| field |"), page.indexOf("\n\n", page.indexOf("| field |")));
        Set<String> fields = new HashSet<>();
        table.lines().skip(2).forEach(line -> {
            Matcher names = Pattern.compile("`(\\w+)`").matcher(line.split("\\|")[1]);
            while (names.find()) {
                fields.add(names.group(1));
            }
        });
        return fields;
    }

    private static Set<String> fields(String json) {
        Set<String> names = new HashSet<>();
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) {
                    names.add(parser.currentName());
                }
            }
        }
        return names;
    }

    private static List<Long> numbers(String json, String field) {
        List<Long> values = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME && parser.currentName().equals(field)) {
                    parser.nextToken();
                    values.add(parser.getNumberValue().longValue());
                }
            }
        }
        return values;
    }
}
