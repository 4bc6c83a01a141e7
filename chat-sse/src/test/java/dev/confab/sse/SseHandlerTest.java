package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.netty.EventClient;
import dev.confab.netty.FanOutProbe;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SseHandlerTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theResponseHasTheHeadersOfAnEventStream() throws Exception {
        try (EventClient client = server.get("/events")) {
            assertThat(client.statusLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(client.header("content-type")).isEqualTo("text/event-stream");
            assertThat(client.header("cache-control")).isEqualTo("no-store");
            assertThat(client.header("x-accel-buffering")).isEqualTo("no");
            assertThat(client.header("transfer-encoding")).isEqualTo("chunked");
            assertThat(client.header("connection")).isEqualTo("close");
            assertThat(client.header("content-length")).isNull();
        }
    }

    @Test
    void theResponseHasTheDateAndTheNosniffHeader() throws Exception {
        Instant before = Instant.ofEpochSecond(Instant.now().getEpochSecond());
        try (EventClient client = server.get("/events")) {
            assertThat(ZonedDateTime.parse(client.header("date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant())
                    .isBetween(before, Instant.now());
            assertThat(client.header("x-content-type-options")).isEqualTo("nosniff");
        }
    }

    @Test
    void aHeadResponseIsTheHeadOfAStreamButOpensNone() throws Exception {
        String head = "HEAD /events?nick=ann HTTP/1.1\r\nHost: a\r\n\r\n";
        String bad = "HEAD /events?last=x HTTP/1.1\r\nHost: a\r\n\r\n";
        try (EventClient client = server.send(head + bad)) {
            assertThat(client.statusLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(client.header("content-type")).isEqualTo("text/event-stream");
            assertThat(client.header("x-accel-buffering")).isEqualTo("no");
            assertThat(client.header("content-length")).isNull();
            assertThat(new String(client.http().readBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 400");
            assertThat(server.handler().openStreams()).isZero();
        }
        assertThat(server.chat().participants(Room.LOBBY).join()).isEmpty();
    }

    @Test
    void aStreamBeginsWithRetryAndAHelloWithItsStart() throws Exception {
        server.publish("before");
        MessageId head = server.publish("the last");
        try (EventClient client = server.get("/events")) {
            assertThat(client.block()).isEqualTo("retry: 3000");
            assertThat(client.block())
                    .matches("id: " + head + "\nevent: hello\ndata: \\{\"type\":\"hello\",\"session\":\"[0-9a-f]{16}\","
                            + "\"cursor\":\"" + head + "\"}");
            server.publish("after");
            assertThat(client.bodies(1)).containsExactly("after");
        }
    }

    @Test
    void theCursorOfHelloIsTheStartAndNotTheHead() throws Exception {
        MessageId first = server.publish("1");
        server.publish("2");
        server.publish("3");
        try (EventClient client = server.get("/events?after=" + first)) {
            assertThat(client.start()).isEqualTo(first.toString());
            assertThat(client.bodies(2)).containsExactly("2", "3");
        }
    }

    @Test
    void lateJoinerMissesNothing() throws Exception {
        for (int i = 0; i < 2_500; i++) {
            server.publish("m" + i);
        }
        try (EventClient client = server.get("/events?after=earliest")) {
            client.start();
            server.publish("m2500");
            List<String> bodies = client.bodies(2_501);
            for (int i = 0; i < bodies.size(); i++) {
                assertThat(bodies.get(i)).isEqualTo("m" + i);
            }
        }
    }

    @Test
    void aStreamCanResumeAfterEveryId() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(server.publish("" + i).toString());
        }
        for (int i = 0; i < 10; i++) {
            try (EventClient client = server.get("/events", "Last-Event-ID: " + ids.get(i))) {
                assertThat(client.start()).isEqualTo(ids.get(i));
                for (String id : ids.subList(i + 1, 10)) {
                    assertThat(client.field("id")).isEqualTo(id);
                }
            }
        }
    }

    @Test
    void lastStartsTheGivenNumberOfMessagesBeforeTheEnd() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.publish("" + i);
        }
        try (EventClient client = server.get("/events?last=2")) {
            client.start();
            server.publish("5");
            assertThat(client.bodies(3)).containsExactly("3", "4", "5");
        }
    }

    @Test
    void severalRoomsShareOneStreamInLogOrder() throws Exception {
        try (EventClient client = server.get("/events?room=b&room=a")) {
            client.start();
            for (int i = 0; i < 50; i++) {
                server.publish(i % 3 == 0 ? A : i % 3 == 1 ? B : Room.LOBBY, "" + i);
            }
            for (int i = 0; i < 50; i++) {
                if (i % 3 != 2) {
                    assertThat(client.bodies(1)).containsExactly("" + i);
                }
            }
        }
    }

    @Test
    void readersOfTheSameRoomsShareTheEncodedBytes() throws Exception {
        List<EventClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(server.get("/events"));
        }
        for (EventClient client : clients) {
            client.start();
        }
        server.awaitStreams(clients.size());
        server.publish("to all");
        for (EventClient client : clients) {
            assertThat(client.bodies(1)).containsExactly("to all");
            client.close();
        }
        // Each event loop encodes the message once, for any number of readers.
        assertThat(FanOutProbe.encodes(server.handler().fanOut()))
                .isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void invalidParametersAreAnError() throws Exception {
        for (String query : List.of(
                "room=no/room",
                "room=a%0Adata:x",
                "after=x",
                "after=%0D%0A",
                "last=1001",
                "last=1&after=latest",
                "nick=%00",
                "nick=a%0D%0Aid:x")) {
            try (EventClient client = server.get("/events?" + query)) {
                assertThat(client.statusLine()).as(query).isEqualTo("HTTP/1.1 400 Bad Request");
                assertThat(client.header("content-type")).isEqualTo("application/problem+json");
            }
        }
    }

    /** If the stream started at the end instead, the client would miss entries without notice. */
    @Test
    void aCursorUnderAnUnknownNameIsAnError() throws Exception {
        for (String name : List.of("cursor", "since", "since_id", "After", "before", "from", "lastSeenId")) {
            try (EventClient client =
                    server.get("/events?" + name + "=01ARZ3NDEKTSV4RRFFQ69G5FAV", "Connection: close")) {
                assertThat(client.statusLine()).as(name).isEqualTo("HTTP/1.1 400 Bad Request");
                assertThat(client.http().readToEnd())
                        .contains("\"code\":\"invalid_parameter\"")
                        .contains("\"field\":\"" + name + "\"")
                        .contains("\"detail\":\"" + name
                                + ": is not a parameter of this path (expected: after=CURSOR)\"");
            }
        }
        try (EventClient client = server.get("/events?cursor=&cachebuster=01ARZ3NDEKTSV4RRFFQ69G5FAV")) {
            client.start();
        }
    }

    @Test
    void emptyParametersAreTreatedAsMissing() throws Exception {
        try (EventClient client = server.get("/events?room=&nick=&after=&last=")) {
            client.start();
            server.publish("hello");
            assertThat(client.bodies(1)).containsExactly("hello");
        }
    }

    @Test
    void inputAfterTheRequestIsIgnored() throws Exception {
        try (EventClient client = server.get("/events")) {
            client.start();
            client.http().send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n\0\r\n");
            server.publish("still here");
            assertThat(client.bodies(1)).containsExactly("still here");
        }
    }

    @Test
    void anHttp10ClientGetsABodyThatEndsWithTheConnection() throws Exception {
        try (EventClient client = server.send("GET /events HTTP/1.0\r\n\r\n")) {
            assertThat(client.statusLine()).endsWith(" 200 OK");
            assertThat(client.header("transfer-encoding")).isNull();
            assertThat(client.header("content-length")).isNull();
            assertThat(client.header("connection")).isEqualTo("close");
            client.start();
            server.publish("ä plain one");
            assertThat(client.bodies(1)).containsExactly("ä plain one");
        }
    }

    @Test
    void aRequestWithConnectionCloseStreams() throws Exception {
        try (EventClient client = server.get("/events", "Connection: close")) {
            client.start();
            server.publish("hello");
            assertThat(client.bodies(1)).containsExactly("hello");
        }
    }

    @Test
    void aClientThatVanishesIsForgotten() throws Exception {
        try (EventClient client = server.get("/events")) {
            client.start();
            server.publish("hello");
            client.bodies(1);
            assertThat(server.handler().openStreams()).isEqualTo(1);
            Channel channel = server.channel();
            client.http().hangUp();
            Server.awaitClose(channel);
        }
        assertThat(server.handler().openStreams()).isZero();
        server.publish("to nobody");
    }
}
