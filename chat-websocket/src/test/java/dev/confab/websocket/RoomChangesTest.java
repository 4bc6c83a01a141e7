package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.core.StoreException;
import dev.confab.netty.WsClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rooms of an open connection change. */
@Timeout(60)
class RoomChangesTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");

    private final ScriptedStore store = new ScriptedStore();
    private final WsServer server = new WsServer(WebSocketConfig.defaults().withAnnounceAnonymous(true), store);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aSubscribedRoomBeginsAtThePositionOfTheConnection() {
        server.publish(B, "before");
        Message last = server.publish(A, "last");
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"ref\":7}");
            assertThat(client.text()).isEqualTo(subscribed("b", last.id(), 7));
            Message b = server.publish(B, "1");
            Message a = server.publish(A, "2");
            assertThat(ids(client, 2)).containsExactly(b.id(), a.id());
        }
    }

    @Test
    void aConnectionThatHasHadNoEntryForLongDoesNotGetOldEntriesOfTheNewRoom() {
        try (WsClient client = server.greeted("?room=a")) {
            Message last = server.publish(B, "while the connection is idle");
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"ref\":1}");
            assertThat(client.text()).isEqualTo(subscribed("b", last.id(), 1));
        }
    }

    @Test
    void olderEntriesOfTheNewRoomComeFirstAndEndAtThePositionOfTheConnection() {
        Message start = server.publish(B, "start");
        List<MessageId> older = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            older.add(server.publish(B, "older").id());
            server.publish(A, "read already");
        }
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"" + start.id() + "\",\"ref\":1}");
            assertThat(client.text()).isEqualTo(subscribed("b", start.id(), 1));
            assertThat(ids(client, older.size())).isEqualTo(older);
            Message live = server.publish(A, "live");
            assertThat(ids(client, 1)).containsExactly(live.id());
        }
    }

    @Test
    void entriesThatArriveDuringTheCatchUpComeOnceAndInTheOneOrder() {
        String body = "x".repeat(10_000);
        List<MessageId> expected = new ArrayList<>();
        for (int i = 0; i < 603; i++) {
            expected.add(server.publish(B, body).id());
        }
        try (WsClient client = server.openSlow("?room=a")) {
            assertThat(client.text()).startsWith("{\"type\":\"hello\"");
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"earliest\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
            server.await(
                    "a catch-up that waits for the client",
                    () -> !server.lastChannel().isWritable());
            for (int i = 0; i < 20; i++) {
                expected.add(server.publish(A, "live").id());
                expected.add(server.publish(B, "live").id());
            }
            assertThat(ids(client, expected.size())).isEqualTo(expected);
        }
    }

    @Test
    void aCursorOfAnotherLogIsAGapAfterTheReply() {
        Message last = server.publish(A, "last");
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}");
            String cursor = field(client.text(), "cursor");
            assertThat(client.text()).isEqualTo("{\"type\":\"gap\",\"reason\":\"replaced\",\"id\":\"" + cursor + "\"}");
            assertThat(MessageId.parse(cursor)).isLessThan(last.id());
            Message b = server.publish(B, "live");
            assertThat(ids(client, 1)).containsExactly(b.id());
        }
    }

    @Test
    void aRoomThatStartsAheadOfASlowConnectionWaitsForTheOtherRooms() {
        String body = "x".repeat(10_000);
        try (WsClient client = server.openSlow("?room=a&after=earliest")) {
            List<MessageId> all = IntStream.range(0, 2_000)
                    .mapToObj(i -> server.publish(A, body).id())
                    .collect(Collectors.toList());
            assertThat(client.text()).startsWith("{\"type\":\"hello\"");
            server.publish(B, "skipped");
            MessageId start = server.publish(A, "last before the subscribe").id();
            all.add(start);
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"" + start + "\",\"ref\":1}");
            assertThat(ids(client, all.size())).isEqualTo(all);
            assertThat(client.text()).isEqualTo(subscribed("b", start, 1));
            Message b = server.publish(B, "live");
            assertThat(ids(client, 1)).containsExactly(b.id());
        }
    }

    @Test
    void anUnsubscribedRoomEndsAndTheOthersContinue() {
        try (WsClient client = server.greeted("?room=a&room=b")) {
            Message last = server.publish(B, "1");
            assertThat(ids(client, 1)).containsExactly(last.id());
            client.send("{\"type\":\"unsubscribe\",\"room\":\"b\",\"ref\":\"r\"}");
            assertThat(client.text())
                    .isEqualTo("{\"type\":\"unsubscribed\",\"room\":\"b\",\"cursor\":\"" + last.id()
                            + "\",\"ref\":\"r\"}");
            MessageId missed = server.publish(B, "2").id();
            MessageId a = server.publish(A, "3").id();
            assertThat(ids(client, 1)).containsExactly(a);
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"" + last.id() + "\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
            assertThat(ids(client, 1)).containsExactly(missed);
        }
    }

    @Test
    void changesThatDoNotWaitForTheirRepliesAreMadeInOrder() {
        server.publish(B, "1");
        try (WsClient client = server.greeted("?room=a")) {
            for (int i = 0; i < 20; i++) {
                client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"earliest\",\"ref\":" + i + "}");
                client.send("{\"type\":\"unsubscribe\",\"room\":\"b\",\"ref\":" + i + "}");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(field(client.text(), "type")).isEqualTo("subscribed");
                assertThat(field(client.text(), "body")).isEqualTo("1");
                String reply = client.text();
                assertThat(field(reply, "type")).isEqualTo("unsubscribed");
                assertThat(field(reply, "ref")).isEqualTo("" + i);
            }
        }
    }

    @Test
    void aMessageWithoutARoomNeedsASingleRoomAfterTheChange() {
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
            client.send("{\"type\":\"send\",\"body\":\"x\"}");
            assertThat(client.text()).startsWith("{\"type\":\"error\",\"code\":\"invalid_room\"");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {'type':'subscribe','room':'a','ref':1}                 | already_subscribed
                    {'type':'unsubscribe','room':'b','ref':1}               | not_subscribed
                    {'type':'unsubscribe','room':'a','ref':1}               | last_room
                    {'type':'subscribe','room':'a b','ref':1}               | invalid_room
                    {'type':'unsubscribe','room':'a b','ref':1}             | invalid_room
                    {'type':'subscribe','room':'b','after':'x','ref':1}     | invalid_cursor
                    """)
    void anErrorChangesNothing(String json, String code) {
        try (WsClient client = server.greeted("?room=a")) {
            client.send(json.replace('\'', '"'));
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"" + code + "\",\"detail\":\"")
                    .endsWith("\"ref\":1}");
            server.publish(B, "not read");
            Message a = server.publish(A, "read");
            assertThat(ids(client, 1)).containsExactly(a.id());
        }
    }

    @Test
    void aConnectionHasAtMost64Rooms() {
        String rooms = IntStream.range(0, 64).mapToObj(i -> "room=r" + i).collect(Collectors.joining("&"));
        try (WsClient client = server.greeted("?" + rooms)) {
            client.send("{\"type\":\"subscribe\",\"room\":\"a\",\"ref\":1}");
            assertThat(client.text())
                    .isEqualTo("{\"type\":\"error\",\"code\":\"too_many_rooms\",\"detail\":"
                            + "\"room: a (expected: at most 64 rooms, unsubscribe first)\",\"ref\":1}");
            client.send("{\"type\":\"unsubscribe\",\"room\":\"r7\"}");
            assertThat(client.text()).startsWith("{\"type\":\"unsubscribed\"");
            client.send("{\"type\":\"subscribe\",\"room\":\"a\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
        }
    }

    @Test
    void aStoreThatCannotBeReadIsAnErrorAndTheConnectionContinues() {
        server.publish(B, "1");
        try (WsClient other = server.greeted("?room=b");
                WsClient client = server.greeted("?room=a&nick=ann")) {
            store.failReads(new StoreException(StoreException.Kind.UNAVAILABLE, "secret", null), 1);
            client.send("{\"type\":\"subscribe\",\"room\":\"b\",\"after\":\"earliest\",\"ref\":1}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"unavailable\"")
                    .endsWith("\"ref\":1}");
            assertThat(field(other.text(), "type")).isEqualTo("join");
            assertThat(field(other.text(), "type")).isEqualTo("leave");
            Message a = server.publish(A, "read");
            assertThat(ids(client, 1)).containsExactly(a.id());
        }
    }

    @Test
    void aParticipantJoinsAndLeavesWithTheChange() {
        MessageId start = server.chat.head();
        try (WsClient other = server.greeted("?room=b&nick=bob")) {
            // The position of the next client, from which it reads the room, is behind this join.
            server.await("the join of bob", () -> server.chat.head().compareTo(start) > 0);
            aParticipantJoinsAndLeavesWithTheChange(other);
        }
    }

    private void aParticipantJoinsAndLeavesWithTheChange(WsClient other) {
        try (WsClient client = server.greeted("?room=a&nick=ann")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
            assertThat(other.text()).startsWith("{\"type\":\"join\"").contains("\"nick\":\"ann\"");
            client.send("{\"type\":\"unsubscribe\",\"room\":\"b\"}");
            assertThat(other.text()).startsWith("{\"type\":\"leave\"").contains("\"nick\":\"ann\"");
            assertThat(client.text()).startsWith("{\"type\":\"unsubscribed\"");
        }
    }

    @Test
    void aParticipantLeavesASubscribedRoomWithItsConnection() {
        try (WsClient other = server.greeted("?room=b&nick=bob");
                WsClient client = server.greeted("?room=a&nick=ann")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\"}");
            assertThat(other.text()).startsWith("{\"type\":\"join\"");
            client.bye(1000);
            assertThat(other.text()).startsWith("{\"type\":\"leave\"");
        }
    }

    @Test
    void noticesFollowTheRooms() {
        try (WsClient client = server.greeted("?room=a&nick=ann")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\"}");
            assertThat(client.text()).startsWith("{\"type\":\"subscribed\"");
            server.handler.notice(B, "1");
            assertThat(field(client.text(), "text")).isEqualTo("1");
            client.send("{\"type\":\"unsubscribe\",\"room\":\"b\"}");
            assertThat(client.text()).startsWith("{\"type\":\"unsubscribed\"");
            server.handler.notice(B, "2");
            server.handler.notice(A, "3");
            assertThat(field(client.text(), "text")).isEqualTo("3");
        }
    }

    @Test
    void anAnonymousClientIsAnnouncedInTheRoomsThatItEntersAndLeaves() {
        try (WsClient other = server.greeted("?room=b&nick=bob");
                WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"subscribe\",\"room\":\"b\"}");
            assertThat(other.text()).contains("\"room\":\"b\"").contains("\"text\":\"connected\"");
            client.send("{\"type\":\"unsubscribe\",\"room\":\"b\"}");
            assertThat(other.text()).contains("\"room\":\"b\"").contains("\"text\":\"disconnected\"");
        }
    }

    private static String subscribed(String room, MessageId cursor, int ref) {
        return "{\"type\":\"subscribed\",\"room\":\"" + room + "\",\"cursor\":\"" + cursor + "\",\"ref\":" + ref + "}";
    }

    private static List<MessageId> ids(WsClient client, int count) {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String entry = client.text();
            assertThat(entry).startsWith("{\"type\":\"message\"");
            ids.add(MessageId.parse(field(entry, "id")));
        }
        return ids;
    }
}
