package dev.confab.demo;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import org.junit.jupiter.api.AfterEach;
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
    Path directory;

    private ServerProcess server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void thePageShowsEveryCommand() throws IOException {
        assertThat(Files.readString(Path.of("../docs/from-the-tutorials.md"))).contains(COMMANDS);
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatWaitsIsWokenByAMessage(Way way) {
        int port = serve();
        CompletableFuture<String> waiting = way.start(READ, port);
        String written = way.run(WRITE, port);
        assertThat(written).contains("\"body\":\"Hello World\"");
        assertThat(waiting.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("[" + written + "]");
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyCursorIsTheBeginning(Way way) {
        int port = serve();
        String written = way.run(WRITE, port);
        assertThat(way.run(READ_AFTER_NOTHING, port)).isEqualTo("[" + written + "]");
    }

    @ParameterizedTest
    @EnumSource
    void jsonIsReadAlthoughItsTypeIsThatOfAForm(Way way) {
        int port = serve();
        String written = way.run(WRITE_AS_FORM, port);
        assertThat(written).startsWith("{\"type\":\"message\"").contains("\"body\":\"x\"");
        assertThat(way.run(READ, port)).isEqualTo("[" + written + "]");
    }

    @ParameterizedTest
    @EnumSource
    void idsAreUuids(Way way) {
        int port = serve();
        String written = way.run(WRITE_UUID, port);
        assertThat(field(written, "id")).matches(UUID);
        assertThat(way.run(READ_UUIDS, port)).isEqualTo("[" + written + "]");
    }

    @ParameterizedTest
    @EnumSource
    void theArrayHasMessagesOnly(Way way) {
        int port = serve();
        try (RawHttp ann = new RawHttp(port);
                RawHttp witness = new RawHttp(port)) {
            ann.get("/messages?wait=0&nick=ann").read();
            // The join is stored beside the response, which does not wait for it.
            assertThat(witness.get("/messages?wait=20").read().body()).contains("\"type\":\"join\"");
            String written = way.run(WRITE, port);
            assertThat(way.run(READ, port)).contains("\"type\":\"join\"");
            assertThat(way.run(READ_MESSAGES, port)).isEqualTo("[" + written + "]");
        }
    }

    /** The loop of the page of the Go tutorial: {@code fetch('/messages?after=' + (last ?? ''))}. */
    @Test
    void aPageThatPollsGetsEveryMessageOnce() {
        int port = serve();
        try (RawHttp page = new RawHttp(port);
                RawHttp writer = new RawHttp(port)) {
            List<String> read = new ArrayList<>();
            String last = null;
            for (int i = 0; i < 10; i++) {
                page.get("/messages?after=" + (last == null ? "" : last));
                writer.post("/messages", "application/x-www-form-urlencoded", "{\"body\":\"m" + i + "\"}")
                        .read();
                String entries = page.read().body();
                read.add(field(entries, "body"));
                last = field(entries, "id");
            }
            assertThat(read).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberGetsWhatIsPublished(Way way) {
        int port = serve();
        for (String publish : List.of(PUBLISH_FORM, PUBLISH_QUERY, PUBLISH_MULTIPART)) {
            assertThat(received(way, publish, port)).isEqualTo("{\"nick\":\"ann\",\"message\":\"hello\"}");
        }
        assertThat(received(way, PUBLISH_WITHOUT_A_NICK, port)).isEqualTo("{\"nick\":null,\"message\":\"hello\"}");
    }

    @Test
    void aSubscriberThatAsksAgainOverItsConnectionMissesNothing() {
        int port = serve();
        try (RawHttp subscriber = new RawHttp(port);
                RawHttp publisher = new RawHttp(port)) {
            publish(publisher, "start");
            assertThat(subscriber.get("/sub?last=1").read().body()).contains("\"message\":\"start\"");
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
        try (WsClient client = new WsClient(new RawHttp(serve())).greet("")) {
            client.send("");
            WsClient.Frame answer = client.frame();
            assertThat(answer.opcode()).isEqualTo(WsClient.TEXT);
            assertThat(answer.payload()).isEmpty();
        }
    }

    @Test
    void everyConnectAndDisconnectIsAnnouncedToAllOthers() {
        int port = serve("--announce-anonymous");
        try (WsClient first = new WsClient(new RawHttp(port)).greet("")) {
            for (int i = 0; i < 3; i++) {
                String session;
                try (WsClient other = new WsClient(new RawHttp(port)).upgrade("")) {
                    session = field(other.text(), "session");
                    assertThat(first.text()).contains("\"session\":\"" + session + "\"", "\"text\":\"connected\"");
                }
                assertThat(first.text()).contains("\"session\":\"" + session + "\"", "\"text\":\"disconnected\"");
            }
        }
    }

    /** Subscribes, and publishes until the subscriber has a message: it gets only what comes after its request. */
    private static String received(Way way, String publish, int port) {
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

    /** Starts the server of this test with an empty log, and returns its port. */
    private int serve(String... options) {
        List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
        all.addAll(List.of(options));
        server = ServerProcess.in(directory, Map.of(), all.toArray(String[]::new));
        return server.port();
    }
}
