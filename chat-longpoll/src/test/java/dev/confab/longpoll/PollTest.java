package dev.confab.longpoll;

import static dev.confab.longpoll.PollServer.bodies;
import static dev.confab.longpoll.PollServer.cursor;
import static dev.confab.longpoll.PollServer.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.netty.FanOutProbe;
import dev.confab.netty.RawHttp;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the responses to polls, and of their timing. */
final class PollTest {
    private final PollServer server = new PollServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void existingMessagesAreReturnedAtOnce() {
        MessageId first = server.publish("one");
        MessageId second = server.publish("two");

        RawHttp.Response response = server.poll("wait=60");

        assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.headers())
                .containsExactly(
                        "content-type: application/json",
                        "chat-cursor: " + second,
                        "date: " + response.header("date"),
                        "cache-control: no-store",
                        "x-content-type-options: nosniff",
                        "content-length: " + response.body().length());
        assertThat(ids(response)).containsExactly(first.toString(), second.toString());
        assertThat(bodies(response)).containsExactly("one", "two");
    }

    /**
     * The commit itself wakes the reader: once the commit is complete, the event loop only has to write the response.
     */
    @Test
    void aWaitingPollIsWokenByTheCommit() throws Exception {
        try (RawHttp client = server.connect().get("/messages?after=latest&wait=60")) {
            Channel channel = server.nextTaken().channel();

            MessageId id = server.publish("now");
            channel.eventLoop().submit(() -> {}).get(10, TimeUnit.SECONDS);

            assertThat(FanOutProbe.encodes(server.handler.fanOut())).isOne();
            RawHttp.Response response = client.read();
            assertThat(ids(response)).containsExactly(id.toString());
            assertThat(cursor(response)).isEqualTo(id.toString());
        }
    }

    @Test
    void aCommitInAnotherRoomWakesNoPoll() throws Exception {
        try (RawHttp client = server.park("after=latest&wait=60&room=here")) {
            server.publish(new Room("there"), "not this");
            server.publish(new Room("here"), "this");
            assertThat(bodies(client.read())).containsExactly("this");
        }
    }

    @Test
    void aPollThatDoesNotWaitGetsAnEmptyPage() {
        MessageId id = server.publish("one");
        RawHttp.Response response = server.poll("wait=0&after=" + id);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("[]");
        assertThat(cursor(response)).isEqualTo(id.toString());
        assertThat(response.header("cache-control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"after=latest&wait=60", "after=earliest&wait=60", "after=latest", "before=latest", "limit=1"})
    void aHeadResponseIsTheHeadOfAGetResponseThatDoesNotWait(String query) {
        for (int i = 0; i < 10; i++) {
            server.publish("x".repeat(9_000));
        }
        try (RawHttp client = server.connect()) {
            client.send("HEAD /messages?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
            RawHttp.Response head = client.readHead();
            RawHttp.Response get = client.get("/messages?" + query.replace("&wait=60", "") + "&wait=0")
                    .read();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("content-length"))
                    .isEqualTo(Integer.toString(get.body().length()));
            assertThat(head.header("chat-cursor")).isEqualTo(get.header("chat-cursor"));
            assertThat(head.header("content-type")).isEqualTo(get.header("content-type"));
        }
    }

    @Test
    void anInvalidHeadIsRefusedLikeAGet() {
        try (RawHttp client = server.connect()) {
            client.send("HEAD /messages?wait=61 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.readHead().status()).isEqualTo(400);
        }
    }

    @Test
    void aTimedOutPollGetsAnEmptyPageAndACursor() throws Exception {
        MessageId id = server.publish("one");
        CompletableFuture<MessageId> published = server.publishAfterNextPoll(new Room("elsewhere"), "two");
        try (RawHttp client = server.park("wait=1&after=" + id)) {
            MessageId elsewhere = published.join();
            RawHttp.Response response = client.read();
            assertThat(response.body()).isEqualTo("[]");
            assertThat(cursor(response)).isEqualTo(elsewhere.toString());
            assertThat(server.poll("wait=0&after=" + elsewhere).body()).isEqualTo("[]");
        }
    }

    @Test
    void theSameCursorGivesTheSameEntriesAgain() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(server.publish("m" + i).toString());
        }
        String middle = all.get(4);
        List<String> rest = all.subList(5, 10);
        assertThat(ids(server.poll("wait=0&after=" + middle))).isEqualTo(rest);
        String newer = server.publish("newer").toString();
        List<String> again = ids(server.poll("wait=0&after=" + middle));
        assertThat(again.subList(0, 5)).isEqualTo(rest);
        assertThat(again.subList(5, 6)).containsExactly(newer);
    }

    @Test
    void aClientReadsAllPagesByTheirCursors() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(server.publish("m" + i).toString());
        }
        List<String> read = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String after = "earliest";
        try (RawHttp client = server.connect()) {
            while (read.size() < 25) {
                RawHttp.Response page =
                        client.get("/messages?wait=0&limit=10&after=" + after).read();
                sizes.add(ids(page).size());
                read.addAll(ids(page));
                after = cursor(page);
            }
        }
        assertThat(read).isEqualTo(all);
        assertThat(sizes).containsExactly(10, 10, 5);
    }

    @Test
    void oneCursorCoversSeveralRooms() throws Exception {
        Room a = new Room("a");
        Room b = new Room("b");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(server.publish(i % 2 == 0 ? a : b, "m" + i).toString());
            server.publish(new Room("other"), "not this");
        }
        RawHttp.Response first = server.poll("room=b&room=a&limit=4");
        assertThat(ids(first)).isEqualTo(all.subList(0, 4));
        RawHttp.Response second = server.poll("room=a&room=b&after=" + cursor(first));
        assertThat(ids(second)).isEqualTo(all.subList(4, 6));
        try (RawHttp client = server.park("room=a&room=b&wait=60&after=" + cursor(second))) {
            server.publish(b, "live");
            assertThat(bodies(client.read())).containsExactly("live");
        }
    }

    @Test
    void allFormsOfACursorAreEquivalent() {
        MessageId first = server.publish("one");
        server.publish("two");
        assertThat(bodies(server.poll("after=" + first))).containsExactly("two");
        assertThat(bodies(server.poll("after=" + first.toUuid()))).containsExactly("two");
        assertThat(bodies(server.poll("after=" + first.toString().toLowerCase(Locale.ROOT))))
                .containsExactly("two");
        assertThat(bodies(server.poll("after=earliest"))).containsExactly("one", "two");
        assertThat(bodies(server.poll("after=00000000-0000-0000-0000-000000000000")))
                .containsExactly("one", "two");
        assertThat(bodies(server.poll("after=" + MessageId.MIN))).containsExactly("one", "two");
        assertThat(server.poll("after=latest&wait=0").body()).isEqualTo("[]");
    }

    @Test
    void emptyParametersAreTreatedAsMissing() {
        server.publish("one");
        assertThat(bodies(server.poll("room=&nick=&after=&wait=&limit=&before=&last=&cursor=")))
                .containsExactly("one");
    }

    @ParameterizedTest
    @CsvSource({
        "after=x, invalid_cursor, after",
        "before=x, invalid_parameter, before",
        "room=a%20b, invalid_room, room",
        "nick=%00, invalid_text, nick",
        "lastEventId=01ARZ3NDEKTSV4RRFFQ69G5FAV, invalid_parameter, lastEventId",
        "cursor=latest, invalid_parameter, cursor",
        "since=01ARZ3NDEKTSV4RRFFQ69G5FAV, invalid_parameter, since",
        "BEFORE=latest, invalid_parameter, BEFORE",
        "wait=-1, invalid_parameter, wait",
        "wait=61, invalid_parameter, wait",
        "wait=1.5, invalid_parameter, wait",
        "limit=0, invalid_parameter, limit",
        "limit=1001, invalid_parameter, limit",
        "after=latest&before=latest, invalid_parameter, before",
    })
    void invalidParametersAreRefused(String query, String code, String field) {
        RawHttp.Response response = server.poll(query);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.header("content-type")).isEqualTo("application/problem+json");
        assertThat(response.body()).contains("\"code\":\"" + code + "\"", "\"field\":\"" + field + "\"");
    }
}
