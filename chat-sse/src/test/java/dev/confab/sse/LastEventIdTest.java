package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.EventClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the position at which a stream resumes, and of gaps and errors when it cannot resume there. */
class LastEventIdTest {
    private final ScriptedStore store = ScriptedStore.direct();
    private MessageId first;
    private MessageId second;
    private MessageId third;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        first = store.log().appendForeign(Room.LOBBY, "1");
        second = store.log().appendForeign(Room.LOBBY, "2");
        third = store.log().appendForeign(Room.LOBBY, "3");
        server = new Server(store, SseConfig.defaults());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theHeaderBeatsAfter() throws Exception {
        try (EventClient client = server.get("/events?after=" + first, "Last-Event-ID: " + second)) {
            assertThat(client.start()).isEqualTo(second.toString());
            assertThat(client.bodies(1)).containsExactly("3");
        }
    }

    @Test
    void theHeaderBeatsLast() throws Exception {
        try (EventClient client = server.get("/events?last=3", "last-event-id:" + second.toUuid())) {
            assertThat(client.start()).isEqualTo(second.toString());
            assertThat(client.bodies(1)).containsExactly("3");
        }
    }

    @Test
    void anEmptyHeaderIsIgnored() throws Exception {
        try (EventClient client = server.get("/events?last=1", "Last-Event-ID: ")) {
            assertThat(client.start()).isEqualTo(second.toString());
        }
    }

    /** A browser repeats the id it was given, and does not reconnect after an error. */
    @Test
    void aHeaderThatIsNotAnIdIsAnnouncedAsAGapInsteadOfAnError() throws Exception {
        for (String odd :
                List.of("42", "x".repeat(2_000), "01ARZ3NDEKTSV4RRFFQ69G5FAV, 7", "\u00e4\u00f6", "'\"<>;--")) {
            try (EventClient client = server.get("/events?last=2", "Last-Event-ID: " + odd)) {
                assertThat(client.statusLine()).as(odd).isEqualTo("HTTP/1.1 200 OK");
                assertThat(client.startWithGap()).isEqualTo(first.toString());
                assertThat(client.block()).isEqualTo(gap("replaced", first));
                assertThat(client.bodies(2)).containsExactly("2", "3");
            }
        }
    }

    @Test
    void anIdOfAnotherLogIsAnnouncedAsAGap() throws Exception {
        try (EventClient client = server.get("/events", "Last-Event-ID: 7ZZZZZZZZZZZZZZZZZZZZZZZZY")) {
            assertThat(client.startWithGap()).isEqualTo(third.toString());
            assertThat(client.block()).isEqualTo(gap("replaced", third));
        }
    }

    @Test
    void aGapIsAnnouncedBeforeLaterMessages() throws Exception {
        store.log().trim(Room.LOBBY, second);
        server.close();
        server = new Server(store, SseConfig.defaults());
        try (EventClient client = server.get("/events?after=" + first)) {
            assertThat(client.startWithGap()).isEqualTo(second.toString());
            assertThat(client.block()).isEqualTo(gap("trimmed", second));
            assertThat(client.bodies(1)).containsExactly("3");
        }
    }

    /** A client that cannot send the header, such as a polyfill, sends the id in the query. */
    @ParameterizedTest
    @ValueSource(strings = {"lastEventId", "last_event_id", "Last-Event-ID", "evs_last_event_id"})
    void theQueryParameterCountsAsTheHeader(String name) throws Exception {
        try (EventClient client = server.get("/events?after=" + first + "&" + name + "=" + second)) {
            assertThat(client.start()).isEqualTo(second.toString());
            assertThat(client.bodies(1)).containsExactly("3");
        }
        try (EventClient client = server.get("/events?" + name + "=" + first, "Last-Event-ID: " + second)) {
            assertThat(client.start()).isEqualTo(second.toString());
        }
        try (EventClient client = server.get("/events?last=1&" + name + "=")) {
            assertThat(client.start()).isEqualTo(second.toString());
        }
        try (EventClient client = server.get("/events?last=2&" + name + "=42")) {
            assertThat(client.startWithGap()).isEqualTo(first.toString());
            assertThat(client.block()).isEqualTo(gap("replaced", first));
        }
    }

    @Test
    void twoLastEventIdsAreAnError() throws Exception {
        try (EventClient client = server.get("/events?lastEventId=" + first + "&lastEventId=" + second)) {
            assertThat(client.statusLine()).isEqualTo("HTTP/1.1 400 Bad Request");
        }
    }

    private static String gap(String reason, MessageId to) {
        return "id: " + to + "\nevent: gap\ndata: {\"type\":\"gap\",\"reason\":\"" + reason + "\",\"id\":\"" + to
                + "\"}";
    }
}
