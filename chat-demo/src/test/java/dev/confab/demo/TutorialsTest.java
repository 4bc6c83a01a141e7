package dev.confab.demo;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands and requests of the four tutorials, sent to {@code serve} with its defaults, except for the port. */
@Timeout(120)
final class TutorialsTest {
    private static final String READ = "curl http://localhost:8080/messages";
    private static final String WRITE = "curl --header \"Content-Type: application/json\" --request POST"
            + " --data '{\"body\":\"Hello World\"}' http://localhost:8080/messages";
    private static final String READ_AFTER_NOTHING = "curl 'http://localhost:8080/messages?after='";
    private static final String WRITE_AS_FORM = "curl -d '{\"body\":\"x\"}' http://localhost:8080/messages";
    private static final String READ_UUIDS = "curl 'http://localhost:8080/messages?ids=uuid'";
    private static final String WRITE_UUID = "curl -d '{\"body\":\"x\"}' 'http://localhost:8080/messages?ids=uuid'";
    private static final String READ_MESSAGES = "curl 'http://localhost:8080/messages?types=message'";
    private static final String SUBSCRIBE = "curl http://localhost:8080/sub";
    private static final String PUBLISH_FORM = "curl -d nick=ann -d message=hello http://localhost:8080/pub";
    private static final String PUBLISH_QUERY = "curl -X POST 'http://localhost:8080/pub?nick=ann&message=hello'";
    private static final String PUBLISH_MULTIPART = "curl -F nick=ann -F message=hello http://localhost:8080/pub";
    private static final String PUBLISH_WITHOUT_A_NICK = "curl -d nick= -d message=hello http://localhost:8080/pub";

    private static final List<String> COMMANDS = List.of(
            READ,
            WRITE,
            READ_AFTER_NOTHING,
            WRITE_AS_FORM,
            READ_UUIDS,
            WRITE_UUID,
            READ_MESSAGES,
            SUBSCRIBE,
            PUBLISH_FORM,
            PUBLISH_QUERY,
            PUBLISH_MULTIPART,
            PUBLISH_WITHOUT_A_NICK);

    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    private static final String SENT = "{\"status\":\"sent\"}";

    /** How a command is run. */
    private enum Way {
        CURL,
        SOCKET;

        CompletableFuture<String> start(String command, int port) {
            CurlCommand curl = CurlCommand.of(command, port);
            if (this == SOCKET) {
                return curl.startRequest();
            }
            assumeTrue(CurlCommand.isInstalled(), "No curl on the PATH");
            return curl.startProcess();
        }

        String run(String command, int port) {
            return start(command, port).orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    @TempDir
    static Path directory;

    private static ServerProcess server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = serve("shared");
        port = server.port();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void thePageShowsEveryCommand() throws IOException {
        assertThat(Files.readString(Path.of("../docs/from-the-tutorials.md"))).contains(COMMANDS);
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatWaitsIsWokenByAMessage(Way way) throws IOException {
        try (ServerProcess fresh = serve("empty-" + way)) {
            int own = fresh.port();
            CompletableFuture<String> waiting = way.start(READ, own);
            String written = way.run(WRITE, own);
            assertThat(written).contains("\"body\":\"Hello World\"");
            assertThat(waiting.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("[" + written + "]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyCursorIsTheBeginning(Way way) {
        String written = way.run(WRITE, port);
        assertThat(way.run(READ_AFTER_NOTHING, port))
                .startsWith("[{\"type\":\"message\"")
                .endsWith(written + "]");
    }

    @ParameterizedTest
    @EnumSource
    void jsonIsReadAlthoughItsTypeIsThatOfAForm(Way way) {
        assertThat(way.run(WRITE_AS_FORM, port))
                .startsWith("{\"type\":\"message\"")
                .contains("\"body\":\"x\"");
    }

    @ParameterizedTest
    @EnumSource
    void idsAreUuids(Way way) {
        String written = way.run(WRITE_UUID, port);
        assertThat(field(written, "id")).matches(UUID);
        String read = way.run(READ_UUIDS, port);
        assertThat(read).endsWith(written + "]");
        assertThat(JsonParser.parseString(read).getAsJsonArray())
                .allSatisfy(
                        entry -> assertThat(entry.getAsJsonObject().get("id").getAsString())
                                .matches(UUID));
    }

    @ParameterizedTest
    @EnumSource
    void theArrayHasMessagesOnly(Way way) {
        try (RawHttp ann = new RawHttp(port)) {
            ann.get("/messages?wait=0&nick=ann-" + way).read();
            String written = way.run(WRITE, port);
            assertThat(way.run(READ, port)).contains("\"type\":\"join\"");
            assertThat(way.run(READ_MESSAGES, port))
                    .endsWith(written + "]")
                    .doesNotContain("\"type\":\"join\"", "\"type\":\"leave\"");
        }
    }

    /** The loop of the page of the Go tutorial: {@code fetch('/messages?after=' + (last ?? ''))}. */
    @Test
    void aPageThatPollsGetsEveryMessageOnce() throws IOException {
        try (ServerProcess fresh = serve("page")) {
            int own = fresh.port();
            RawHttp page = new RawHttp(own);
            RawHttp writer = new RawHttp(own);
            List<String> read = new ArrayList<>();
            String last = null;
            for (int i = 0; i < 10; i++) {
                page.get("/messages?after=" + (last == null ? "" : last));
                writer.post("/messages", "application/x-www-form-urlencoded", "{\"body\":\"m" + i + "\"}")
                        .read();
                JsonArray entries = JsonParser.parseString(page.read().body()).getAsJsonArray();
                for (JsonElement entry : entries) {
                    read.add(entry.getAsJsonObject().get("body").getAsString());
                    last = entry.getAsJsonObject().get("id").getAsString();
                }
            }
            assertThat(read).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberGetsWhatIsPublished(Way way) {
        for (String publish : List.of(PUBLISH_FORM, PUBLISH_QUERY, PUBLISH_MULTIPART)) {
            assertThat(received(way, publish)).isEqualTo("{\"nick\":\"ann\",\"message\":\"hello\"}");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyNickIsNoNick(Way way) {
        assertThat(received(way, PUBLISH_WITHOUT_A_NICK)).isEqualTo("{\"nick\":null,\"message\":\"hello\"}");
    }

    @Test
    void aSubscriberThatAsksAgainOverItsConnectionMissesNothing() {
        try (RawHttp subscriber = new RawHttp(port);
                RawHttp publisher = new RawHttp(port)) {
            publish(publisher, "start");
            subscriber.get("/sub?last=1");
            assertThat(subscriber.read().body()).contains("\"message\":\"start\"");
            for (int i = 0; i < 10; i++) {
                publish(publisher, "m" + i);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(subscriber.get("/sub").read().body()).contains("\"message\":\"m" + i + "\"");
            }
        }
    }

    @Test
    void anEmptyTextIsAnsweredByAnEmptyText() {
        try (WsClient client = new WsClient(new RawHttp(port)).greet("")) {
            client.send("");
            WsClient.Frame answer = client.frame();
            assertThat(answer.opcode()).isEqualTo(WsClient.TEXT);
            assertThat(answer.payload()).isEmpty();
        }
    }

    @Test
    void everyConnectAndDisconnectIsAnnouncedToAllOthers() throws IOException {
        try (ServerProcess fresh = serve("announcing", "--announce-anonymous")) {
            int own = fresh.port();
            WsClient first = new WsClient(new RawHttp(own)).greet("");
            for (int i = 0; i < 3; i++) {
                String session;
                try (WsClient other = new WsClient(new RawHttp(own)).upgrade("")) {
                    session = field(other.text(), "session");
                    assertThat(first.text()).contains("\"session\":\"" + session + "\"", "\"text\":\"connected\"");
                }
                assertThat(first.text()).contains("\"session\":\"" + session + "\"", "\"text\":\"disconnected\"");
            }
        }
    }

    /** Subscribes, and publishes until the subscriber has a message: it gets only what comes after its request. */
    private static String received(Way way, String publish) {
        CompletableFuture<String> subscriber = way.start(SUBSCRIBE, port);
        while (!subscriber.isDone()) {
            assertThat(way.run(publish, port)).isEqualTo(SENT);
        }
        return subscriber.join();
    }

    private static void publish(RawHttp publisher, String message) {
        assertThat(publisher
                        .post("/pub", "application/x-www-form-urlencoded", "nick=ann&message=" + message)
                        .read()
                        .body())
                .isEqualTo(SENT);
    }

    /** Starts a server in a directory of its own, where the default database does not exist yet. */
    private static ServerProcess serve(String name, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
        all.addAll(List.of(options));
        return ServerProcess.in(Files.createDirectories(directory.resolve(name)), Map.of(), all.toArray(String[]::new));
    }
}
