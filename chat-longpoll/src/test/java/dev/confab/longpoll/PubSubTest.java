package dev.confab.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.RawHttp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of {@code POST /pub} and {@code GET /sub}. */
final class PubSubTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    @Test
    void aMessageWakesEverySubscriber() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp first = server.sub(server.connect());
                RawHttp second = server.sub(server.connect());
                RawHttp publisher = server.connect()) {
            RawHttp.Response sent = publisher
                    .post("/pub", FORM, "nick=ann&message=%C3%BC+%22x%22")
                    .read();
            assertThat(sent.status()).isEqualTo(200);
            assertThat(sent.header("content-type")).isEqualTo("application/json");
            assertThat(sent.body()).isEqualTo("{\"status\":\"sent\"}");
            for (RawHttp client : List.of(first, second)) {
                RawHttp.Response message = client.read();
                assertThat(message.status()).isEqualTo(200);
                assertThat(message.header("content-type")).isEqualTo("application/json");
                assertThat(message.body()).isEqualTo("{\"nick\":\"ann\",\"message\":\"ü \\\"x\\\"\"}");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /pub                        | application/x-www-form-urlencoded | nick=ann&message=hi
            /pub?nick=ann&message=hi    | application/x-www-form-urlencoded | ''
            /pub?nick=ann&message=hi    | text/plain                        | other
            /pub?nick=ann               | application/x-www-form-urlencoded | nick=&message=hi
            /pub?room=lobby&message=    | application/x-www-form-urlencoded | nick=ann&message=hi&room=
            """)
    void theFieldsComeFromTheQueryOrTheForm(String target, String type, String body) throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect());
                RawHttp publisher = server.connect()) {
            assertThat(publisher.post(target, type, body).read().body()).isEqualTo("{\"status\":\"sent\"}");
            assertThat(client.read().body()).isEqualTo("{\"nick\":\"ann\",\"message\":\"hi\"}");
        }
    }

    @Test
    void aMultipartFormIsAccepted() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect());
                RawHttp publisher = server.connect()) {
            String start = "--b\r\nContent-Disposition: form-data; name=\"";
            String form = start + "nick\"\r\n\r\nann\r\n" + start + "message\"\r\n\r\nhi\r\n--b--\r\n";
            assertThat(publisher
                            .post("/pub", "multipart/form-data; boundary=b", form)
                            .read()
                            .body())
                    .isEqualTo("{\"status\":\"sent\"}");
            assertThat(client.read().body()).isEqualTo("{\"nick\":\"ann\",\"message\":\"hi\"}");
        }
    }

    @Test
    void anEmptyNickIsTreatedAsMissing() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect());
                RawHttp publisher = server.connect()) {
            publisher.post("/pub", FORM, "nick=&message=hi").read();
            assertThat(client.read().body()).isEqualTo("{\"nick\":null,\"message\":\"hi\"}");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nick=ann                | 400 | invalid_parameter | message
            message=                | 400 | invalid_parameter | message
            message=a&message=b     | 400 | invalid_form      | message
            message=%00             | 400 | invalid_text      | message
            message=a&nick=a%0Ab    | 400 | invalid_nick      | nick
            message=a&room=a/b      | 400 | invalid_room      | room
            """)
    void aWrongFieldIsRefusedByItsName(String form, int status, String code, String field) {
        try (PollServer server = new PollServer();
                RawHttp client = server.connect()) {
            RawHttp.Response refused = client.post("/pub", FORM, form).read();
            assertThat(refused.status()).isEqualTo(status);
            assertThat(refused.body())
                    .contains(
                            "\"code\":\"" + code + "\"", "\"field\":\"" + field + "\"", "\"detail\":\"" + field + ": ");
            RawHttp.Response large = client.post("/pub?message=a", FORM, "message=" + "x".repeat(10_001))
                    .read();
            assertThat(large.body()).contains("\"field\":\"message\"", "is given twice");
            large = client.post("/pub", FORM, "message=" + "x".repeat(10_001)).read();
            assertThat(large.status()).isEqualTo(413);
            assertThat(large.body()).contains("\"field\":\"message\"", "\"detail\":\"message: 10001 bytes");
        }
    }

    @Test
    void aClientThatAsksAgainOverTheSameConnectionMissesNothing() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect())) {
            server.publish("m0");
            assertThat(client.read().body()).contains("m0");
            for (int i = 1; i <= 20; i++) {
                server.publish("m" + i);
            }
            for (int i = 1; i <= 20; i++) {
                assertThat(client.get("/sub").read().body()).isEqualTo("{\"nick\":null,\"message\":\"m" + i + "\"}");
            }
            // Another request of a client that uses only one connection changes nothing.
            client.post("/pub", FORM, "message=m21").read();
            server.publish("m22");
            assertThat(client.get("/sub").read().body()).contains("m21");
            assertThat(client.get("/sub").read().body()).contains("m22");
        }
    }

    @Test
    void anyOtherClientGetsTheNextMessage() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect())) {
            server.publish("m0");
            assertThat(client.read().body()).contains("m0");
            server.publish("m1");
            try (RawHttp other = server.sub(server.connect())) {
                server.publish("m2");
                assertThat(other.read().body()).contains("m2");
            }
        }
    }

    /** A browser sends its requests over any of its connections, so the page may have read further over another one. */
    @Test
    void aConnectionOverWhichAPageHasPublishedContinuesWithTheNextMessage() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect())) {
            server.publish("m0");
            assertThat(client.read().body()).contains("m0");
            client.send("POST /pub?message=m1 HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.read().body()).isEqualTo("{\"status\":\"sent\"}");
            server.sub(client);
            server.publish("m2");
            assertThat(client.read().body()).contains("m2");
        }
    }

    @Test
    void aClientCanContinueOverAnyConnectionWithItsCursor() {
        try (PollServer server = new PollServer()) {
            List<String> published = new ArrayList<>();
            List<String> read = new ArrayList<>();
            String after = "earliest";
            for (int i = 0; i < 5; i++) {
                server.publish("m" + i);
                published.add("{\"nick\":null,\"message\":\"m" + i + "\"}");
            }
            for (int i = 0; i < 5; i++) {
                try (RawHttp client = server.connect()) {
                    RawHttp.Response message = client.get("/sub?after=" + after).read();
                    read.add(message.body());
                    after = PollServer.cursor(message);
                }
            }
            assertThat(read).isEqualTo(published);
        }
    }

    @Test
    void onlyMessagesOfTheRoomAreDelivered() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect())) {
            server.chat.presence().arrive(RoomSet.of(Room.LOBBY), new Nick("ann"));
            server.publish(new Room("other"), "not this");
            server.publish("this");
            assertThat(client.read().body()).contains("\"message\":\"this\"");
            // The cursor is for the lobby, so the other room begins with the next message.
            client.get("/sub?room=other");
            server.nextTaken();
            server.publish(new Room("other"), "next");
            assertThat(client.read().body()).contains("\"message\":\"next\"");
        }
    }

    @Test
    void aClientContinuesAfterMessagesThatRetentionHasRemoved() throws Exception {
        ScriptedStore store = ScriptedStore.direct();
        try (PollServer server = new PollServer(store, ChatConfig.defaults().withTailBytes(1), 1);
                RawHttp client = server.sub(server.connect())) {
            server.publish("m0");
            assertThat(client.read().body()).contains("m0");
            MessageId removed = server.publish("m1");
            server.publish("m2");
            store.log().trim(Room.LOBBY, removed);
            assertThat(client.get("/sub").read().body()).contains("m2");
        }
    }

    @Test
    void aRequestWithoutAMessageIsRefusedInTheEndAndTheNextOneMissesNothing() {
        try (PollServer server =
                        new PollServer(new InMemoryMessageStore(), ChatConfig.defaults(), 1, Duration.ofMillis(50));
                RawHttp client = server.connect()) {
            RawHttp.Response none = client.get("/sub").read();
            assertThat(none.status()).isEqualTo(503);
            assertThat(none.header("retry-after")).isEqualTo("1");
            assertThat(none.body()).contains("\"code\":\"no_message\"");
            server.publish("m0");
            assertThat(client.get("/sub").read().body()).contains("m0");
        }
    }

    @Test
    void aRequestThatWaitsIsRefusedWhenTheServerShutsDown() throws Exception {
        try (PollServer server = new PollServer()) {
            RawHttp client = server.sub(server.connect());
            server.server.close();
            RawHttp.Response refused = client.read();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"draining\"");
            assertThat(refused.header("connection")).isEqualTo("close");
        }
    }

    @Test
    void aHeadRequestGetsAResponseAtOnce() {
        try (PollServer server = new PollServer();
                RawHttp client = server.connect()) {
            client.send("HEAD /sub HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.readHead().status()).isEqualTo(200);
            client.get("/messages?wait=0");
            assertThat(client.read().body()).isEqualTo("[]");
        }
    }

    @Test
    void aMessageOfAnyOtherPublisherIsDelivered() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.sub(server.connect())) {
            server.chat
                    .publish(Draft.of(Room.LOBBY, new Nick("bob"), "hi", null))
                    .join();
            assertThat(client.read().body()).isEqualTo("{\"nick\":\"bob\",\"message\":\"hi\"}");
        }
    }
}
