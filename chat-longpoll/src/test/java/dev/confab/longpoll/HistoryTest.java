package dev.confab.longpoll;

import static dev.confab.longpoll.PollServer.bodies;
import static dev.confab.longpoll.PollServer.cursor;
import static dev.confab.longpoll.PollServer.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.RawHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Tests of pages before an id, and of gaps after an id. */
final class HistoryTest {
    @Test
    void theNewestPageFollowedByPollsLosesAndRepeatsNothing() throws Exception {
        try (PollServer server = new PollServer()) {
            CountDownLatch halfway = new CountDownLatch(200);
            List<String> published = new ArrayList<>();
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 400; i++) {
                    published.add(server.publish("m" + i).toString());
                    halfway.countDown();
                }
            });
            writer.start();
            halfway.await();
            RawHttp.Response newest = server.poll("before=latest&limit=50");
            List<String> read = new ArrayList<>(ids(newest));
            assertThat(read).hasSize(50);
            String after = cursor(newest);
            try (RawHttp client = server.connect()) {
                while (!read.contains(lastOf(published, writer))) {
                    RawHttp.Response page =
                            client.get("/messages?wait=1&after=" + after).read();
                    read.addAll(ids(page));
                    after = cursor(page);
                }
            }
            int from = published.indexOf(read.get(0));
            assertThat(read).isEqualTo(published.subList(from, 400));
        }
    }

    @Test
    void pagesBeforeAnIdReachBackToTheBeginning() {
        try (PollServer server = new PollServer()) {
            List<String> published = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                published.add(server.publish("m" + i).toString());
                server.publish(new Room("other"), "not this");
            }
            List<String> read = new ArrayList<>();
            String before = "latest";
            for (List<String> page = List.of(before); !page.isEmpty(); ) {
                page = ids(server.poll("limit=10&before=" + before));
                read.addAll(0, page);
                before = page.isEmpty() ? before : page.get(0);
            }
            assertThat(read).isEqualTo(published);
        }
    }

    @Test
    void theEmptyNewestPageOfAnEmptyRoomHasACursor() throws Exception {
        try (PollServer server = new PollServer()) {
            MessageId elsewhere = server.publish(new Room("other"), "not this");
            RawHttp.Response newest = server.poll("before=latest");
            assertThat(newest.body()).isEqualTo("[]");
            assertThat(cursor(newest)).isEqualTo(elsewhere.toString());
            try (RawHttp client = server.park("wait=60&after=" + cursor(newest))) {
                server.publish("first");
                assertThat(bodies(client.read())).containsExactly("first");
            }
        }
    }

    @Test
    void everyCursorIsAUuidIfTheClientAsksForIt() throws Exception {
        try (PollServer server = new PollServer()) {
            MessageId first = server.publish("one");
            MessageId second = server.publish("x".repeat(9_000));
            for (String query :
                    List.of("wait=0", "before=latest", "wait=0&limit=2", "wait=0&after=" + second.toUuid())) {
                RawHttp.Response page = server.poll("ids=uuid&" + query);
                assertThat(cursor(page)).as(query).isEqualTo(second.toUuid().toString());
                assertThat(page.body()).doesNotContain(first.toString(), second.toString());
            }
            MessageId last = second;
            for (int i = 0; i < 20; i++) { // more than one write
                last = server.publish("y".repeat(9_000));
            }
            for (String query : List.of("wait=0", "before=latest")) {
                RawHttp.Response page = server.poll("ids=uuid&" + query);
                assertThat(cursor(page)).isEqualTo(last.toUuid().toString());
                assertThat(page.body())
                        .startsWith("[{\"type\":\"message\",\"id\":\"" + first.toUuid() + "\"")
                        .contains("\"id\":\"" + last.toUuid() + "\"")
                        .doesNotContain(last.toString());
            }
        }
    }

    @Test
    void trimmedMessagesAreAnnouncedByALeadingGap() {
        ScriptedStore store = ScriptedStore.direct();
        try (PollServer server = new PollServer(store, ChatConfig.defaults().withTailBytes(1), 1)) {
            MessageId first = server.publish("one");
            server.publish("two");
            MessageId third = server.publish("three");
            server.publish("four");
            store.log().trim(Room.LOBBY, third);

            RawHttp.Response gap = server.poll("wait=60&after=" + first);

            assertThat(gap.body()).isEqualTo("[{\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\"" + third + "\"}]");
            assertThat(cursor(gap)).isEqualTo(third.toString());
            assertThat(gap.header("cache-control")).isEqualTo("no-store");
            assertThat(bodies(server.poll("wait=60&after=" + cursor(gap)))).containsExactly("four");
            assertThat(bodies(server.poll("wait=60&after=earliest"))).containsExactly("four");
        }
    }

    @Test
    void aCursorOfAnotherLogIsAnnouncedAsAGap() {
        try (PollServer server = new PollServer()) {
            MessageId last = server.publish("one");
            RawHttp.Response gap = server.poll("wait=60&after=" + last.next());
            assertThat(gap.body()).isEqualTo("[{\"type\":\"gap\",\"reason\":\"replaced\",\"id\":\"" + last + "\"}]");
            assertThat(cursor(gap)).isEqualTo(last.toString());
        }
    }

    @Test
    void anUnavailableStoreGives503AndAClientCanRetry() {
        ScriptedStore store = ScriptedStore.direct();
        try (PollServer server = new PollServer(store, ChatConfig.defaults().withTailBytes(1), 1);
                RawHttp client = server.connect()) {
            MessageId first = server.publish("one");
            server.publish("two");
            server.publish("three");

            // The start cannot be determined, the page cannot be read, the history cannot be read.
            for (String query : List.of("after=earliest", "wait=0&after=" + first, "before=latest")) {
                store.failReads(1);
                RawHttp.Response away = client.get("/messages?" + query).read();
                assertThat(away.status()).as(query).isEqualTo(503);
                assertThat(away.header("retry-after")).isEqualTo("1");
                assertThat(away.body()).contains("\"code\":\"unavailable\"");
            }
            assertThat(bodies(client.get("/messages?after=" + first).read())).containsExactly("two", "three");
        }
    }

    private static String lastOf(List<String> published, Thread writer) throws InterruptedException {
        writer.join();
        return published.get(published.size() - 1);
    }
}
