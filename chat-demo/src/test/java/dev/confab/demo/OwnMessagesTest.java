package dev.confab.demo;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.EntryReader;
import dev.confab.netty.EventClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session does not get the messages and signals of a POST that names it. */
@Timeout(60)
final class OwnMessagesTest {
    private static final String JSON = "application/json";

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"SSE", "WEBSOCKET"})
    void theNamedSessionDoesNotGetTheMessage(Transport transport) {
        try (Node node = Node.start(NodeConfig.inMemory());
                Stream own = Stream.open(transport, node.port(), "");
                Stream other = Stream.open(transport, node.port(), "");
                RawHttp http = new RawHttp(node.port())) {
            for (int i = 0; i < 20; i++) {
                RawHttp.Response response = http.post("/messages?session=" + own.name, JSON, "{\"body\":\"own\"}")
                        .read();
                assertThat(response.status()).isEqualTo(201);
                assertThat(response.body()).doesNotContain(own.name);
                assertThat(other.next()).isEqualTo(response.body());
            }
            RawHttp.Response last =
                    http.post("/messages", JSON, "{\"body\":\"last\"}").read();
            assertThat(own.next()).isEqualTo(last.body());
            assertThat(other.next()).isEqualTo(last.body());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"SSE", "WEBSOCKET"})
    void theNamedSessionDoesNotGetTheSignal(Transport transport) {
        try (Node node = Node.start(NodeConfig.inMemory());
                Stream own = Stream.open(transport, node.port(), "");
                Stream other = Stream.open(transport, node.port(), "");
                RawHttp http = new RawHttp(node.port())) {
            // Both streams are at the end of the log from here on, and get signals.
            publish(http, "", "first");
            assertThat(field(own.next(), "body")).isEqualTo("first");
            assertThat(field(other.next(), "body")).isEqualTo("first");
            assertThat(http.post("/signals?session=" + own.name, JSON, "{\"event\":\"typing\",\"data\":\"1\"}")
                            .read()
                            .status())
                    .isEqualTo(204);
            assertThat(field(other.next(), "data")).isEqualTo("1");
            publish(http, "", "last");
            assertThat(field(own.next(), "body")).isEqualTo("last");
        }
    }

    @Test
    void aLaterSessionGetsTheMessage() {
        try (Node node = Node.start(NodeConfig.inMemory());
                RawHttp http = new RawHttp(node.port())) {
            try (Stream own = Stream.open(Transport.SSE, node.port(), "")) {
                publish(http, "?session=" + own.name, "own");
            }
            try (Stream later = Stream.open(Transport.SSE, node.port(), "after=earliest")) {
                assertThat(field(later.next(), "body")).isEqualTo("own");
            }
        }
    }

    @Test
    void aNameThatNoSessionCanHaveIsRefused() {
        try (Node node = Node.start(NodeConfig.inMemory());
                RawHttp http = new RawHttp(node.port())) {
            for (String path : new String[] {"/messages", "/signals"}) {
                RawHttp.Response refused = http.post(
                                path + "?session=mine", JSON, "{\"body\":\"x\",\"event\":\"x\",\"data\":\"x\"}")
                        .read();
                assertThat(refused.status()).isEqualTo(400);
                assertThat(refused.body())
                        .contains("\"code\":\"invalid_parameter\"")
                        .contains("\"field\":\"session\"");
            }
            publish(http, "?session=0123456789abcdef", "a session that has ended");
        }
    }

    @Test
    void aClientCannotKeepItsMessagesFromTheSessionOfAnother() {
        String ann = AccessServer.token("ann", "hall");
        String bob = AccessServer.token("bob", "hall");
        try (AccessServer guarded = new AccessServer(new InMemoryMessageStore(), true, UnaryOperator.identity());
                EventClient events =
                        EventClient.get(guarded.connect(), "/events?room=hall", "Authorization: Bearer " + ann)) {
            assertThat(events.block()).startsWith("retry: ");
            String session = field(events.block(), "session");
            for (String token : new String[] {ann, bob, ann}) {
                assertThat(guarded.post("/messages?room=hall&session=" + session, token, "{\"body\":\"hello\"}")
                                .status())
                        .isEqualTo(201);
            }
            assertThat(field(events.next(), "nick")).isEqualTo("bob");
            guarded.post("/messages?room=hall", ann, "{\"body\":\"last\"}");
            assertThat(field(events.next(), "body")).isEqualTo("last");
        }
    }

    private static void publish(RawHttp http, String query, String body) {
        assertThat(http.post("/messages" + query, JSON, "{\"body\":\"" + body + "\"}")
                        .read()
                        .status())
                .isEqualTo(201);
    }

    /** A stream whose session has a name. */
    private record Stream(String name, EntryReader client, Supplier<String> frames) implements AutoCloseable {
        static Stream open(Transport transport, int port, String query) {
            if (transport == Transport.WEBSOCKET) {
                WsClient client = new WsClient(new RawHttp(port)).upgrade("?" + query);
                return new Stream(field(client.text(), "session"), client, client::text);
            }
            EventClient client = EventClient.open(new RawHttp(port), query);
            assertThat(client.block()).startsWith("retry: ");
            return new Stream(field(client.block(), "session"), client, client::read);
        }

        String next() {
            return frames.get();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
