package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Draft;
import dev.confab.core.Gate;
import dev.confab.core.Message;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.core.StoreException;
import dev.confab.netty.WsClient;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PublishingTest {
    /** A room to which no test publishes, so that a connection receives only acks and errors. */
    private static final String ELSEWHERE = "?room=elsewhere";

    private final ScriptedStore store = new ScriptedStore();
    private final WsServer server = new WsServer(WebSocketConfig.defaults().withMaxInFlight(8), store);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aMessageIsAcknowledgedWithItsIdAfterTheCommit() {
        Gate committed = store.holdAppends();
        try (WsClient client = server.greeted(ELSEWHERE + "&nick=ann")) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"hello\",\"key\":\"k1\",\"ref\":42}");
            committed.awaitEntered();
            client.ping("nothing before the commit");
            assertThat(client.frame().opcode()).isEqualTo(WsClient.PONG);
            committed.open();
            String ack = client.text();
            Message stored = store.log().entries().stream()
                    .filter(entry -> entry.type() == Message.Type.MESSAGE)
                    .findFirst()
                    .orElseThrow();
            assertThat(ack).isEqualTo("{\"type\":\"ack\",\"id\":\"" + stored.id() + "\",\"key\":\"k1\",\"ref\":42}");
            assertThat(stored)
                    .isEqualTo(Message.of(stored.id(), Draft.of(new Room("a"), new Nick("ann"), "hello", "k1")));
        }
    }

    @Test
    void helloAndAckHaveUuidsIfTheClientAsksForThem() {
        try (WsClient client = server.open(ELSEWHERE + "&ids=uuid")) {
            assertThat(field(client.text(), "cursor")).hasSize(36);
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"hello\"}");
            String ack = client.text();
            assertThat(ack)
                    .isEqualTo("{\"type\":\"ack\",\"id\":\"" + store.lastId().toUuid() + "\"}");
        }
    }

    @Test
    void theDefaultRoomIsTheOnlyRoomThatIsRead() {
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"send\",\"body\":\"hello\"}");
            List<String> two = List.of(client.text(), client.text());
            String id = store.log().entries().get(0).id().toString();
            assertThat(two).allMatch(text -> field(text, "id").equals(id));
            assertThat(two).anyMatch(text -> text.contains("\"type\":\"ack\""));
            assertThat(two).anyMatch(text -> text.contains("\"room\":\"a\",\"body\":\"hello\""));
        }
    }

    @Test
    void aRoomIsRequiredWhenSeveralAreRead() {
        try (WsClient client = server.greeted("?room=a&room=b")) {
            client.send("{\"type\":\"send\",\"body\":\"hello\",\"ref\":\"r\"}");
            assertThat(client.text())
                    .isEqualTo("{\"type\":\"error\",\"code\":\"invalid_room\",\"detail\":"
                            + "\"room: is missing (expected: one, as this connection reads several)\",\"ref\":\"r\"}");
        }
    }

    @Test
    void theSameKeyGivesTheSameIdOrAConflictForOtherContent() {
        try (WsClient client = server.greeted(ELSEWHERE)) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\",\"key\":\"k\"}");
            String first = client.text();
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\",\"key\":\"k\"}");
            assertThat(client.text()).isEqualTo(first);
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"y\",\"key\":\"k\",\"ref\":3}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"key_conflict\"")
                    .endsWith("\"key\":\"k\",\"ref\":3}");
            assertThat(store.log().entries()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {'type':'send','ref':1,'body':''}                      | invalid_body
                    {'type':'send','ref':1,'body':'x','room':'a b'}        | invalid_room
                    {'type':'send','ref':1,'body':'x','key':'ä'}           | invalid_key
                    {'type':'send','ref':1,'body':'x','nick':'a\\u0007'}    | invalid_nick
                    {'type':'send','body':5,'ref':1}                       | invalid_frame
                    {'type':'send','ref':1,'body':'x\\u0000'}              | invalid_text
                    {'type':'send','ref':1,'body':'x\\ud800'}              | invalid_text
                    {'ref':1,'type':'send'}                                | invalid_frame
                    {'ref':1,'type':'nothing'}                             | unknown_type
                    {'ref':1,'type':                                       | invalid_json
                    """)
    void anErrorLeavesTheConnectionOpen(String json, String code) {
        try (WsClient client = server.greeted(ELSEWHERE)) {
            client.send(json.replace('\'', '"'));
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"" + code + "\",\"detail\":\"")
                    .endsWith("\"ref\":1}");
            client.send("{\"type\":\"ping\"}");
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void theAuthorIsTheNickOfTheFrameOrElseOfTheConnection() {
        try (WsClient client = server.greeted(ELSEWHERE + "&nick=ann")) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"1\",\"nick\":\"bot\",\"key\":\"\"}");
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"2\",\"nick\":\"\"}");
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"3\"}");
            for (int i = 0; i < 3; i++) {
                assertThat(client.text()).startsWith("{\"type\":\"ack\"");
            }
            assertThat(store.log().entries().stream()
                            .filter(entry -> entry.type() == Message.Type.MESSAGE)
                            .map(Message::nick))
                    .containsExactly(new Nick("bot"), new Nick("ann"), new Nick("ann"));
        }
    }

    @Test
    void aBodyOfTenThousandBytesIsAcceptedAndALargerBodyIsAnError() {
        try (WsClient client = server.greeted(ELSEWHERE)) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"" + "é".repeat(5_000) + "\"}");
            assertThat(client.text()).startsWith("{\"type\":\"ack\"");
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"" + "é".repeat(5_000) + "x\",\"ref\":9}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"message_too_large\"")
                    .endsWith("\"ref\":9}");
        }
    }

    @Test
    void aFailureOfTheStoreIsAnErrorWithTheKey() {
        store.failAppends(new StoreException(StoreException.Kind.OUTCOME_UNKNOWN, "secret", null), 1);
        try (WsClient client = server.greeted(ELSEWHERE)) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\",\"key\":\"k\"}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"outcome_unknown\"")
                    .endsWith("\"key\":\"k\"}")
                    .doesNotContain("secret");
        }
    }

    @Test
    void aFaultIsAnErrorWithoutDetails() {
        store.failAppends(new IllegalStateException("secret"), 1);
        try (WsClient client = server.greeted(ELSEWHERE)) {
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\"}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"internal\"")
                    .doesNotContain("secret");
        }
    }

    @Test
    void messagesInFlightAreLimitedAndAllAreAcknowledgedInOrder() {
        Gate first = store.holdAppends();
        try (WsClient client = server.greeted(ELSEWHERE)) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int i = 0; i < 200; i++) {
                frames.writeBytes(
                        WsClient.encode("{\"type\":\"send\",\"room\":\"a\",\"body\":\"" + i + "\",\"ref\":" + i + "}"));
            }
            client.http().send(frames.toByteArray());
            first.awaitEntered();
            server.await("reading stops", () -> !server.lastChannel().config().isAutoRead());
            first.open();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String ack = client.text();
                assertThat(field(ack, "ref")).isEqualTo("" + i);
                ids.add(field(ack, "id"));
            }
            assertThat(ids).isSorted().doesNotHaveDuplicates();
            assertThat(store.appends()).allMatch(batch -> batch.size() <= 8);
            assertThat(store.log().entries())
                    .extracting(Message::body)
                    .hasSize(200)
                    .startsWith("0", "1", "2");
        }
    }

    @Test
    void aMessageIsStoredThoughItsClientVanishes() {
        Gate commit = store.holdAppends();
        WsClient client = server.greeted("");
        client.send("{\"type\":\"send\",\"body\":\"last words\"}");
        commit.awaitEntered();
        client.http().send((byte) 0x81, (byte) 0xFE);
        client.http().vanish();
        server.await("the connection is gone", () -> server.handler.connections() == 0);
        commit.open();
        server.await(
                "the message is stored",
                () -> server.chat.head().equals(store.lastId())
                        && !store.log().entries().isEmpty());
        assertThat(store.log().entries()).extracting(Message::body).containsExactly("last words");
    }
}
