package dev.confab.longpoll;

import static dev.confab.longpoll.PollServer.bodies;
import static dev.confab.longpoll.PollServer.cursor;
import static dev.confab.longpoll.PollServer.ids;
import static dev.confab.longpoll.PollServer.types;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Draft;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.RawHttp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of {@code types=message}: joins and leaves are left out. */
final class MessagesOnlyTest {
    @Test
    void aPollForMessagesWaitsWhenThereAreOnlyJoins() throws Exception {
        try (PollServer server = new PollServer()) {
            MessageId start = server.publish("start");
            server.poll("wait=0&nick=ann");
            try (RawHttp before = server.park("types=message&wait=60&after=" + start)) {
                server.poll("wait=0&nick=bob");
                try (RawHttp between = server.park("types=message&wait=60&after=" + start)) {
                    MessageId live = server.publish("live");
                    for (RawHttp waiting : List.of(before, between)) {
                        RawHttp.Response page = waiting.read();
                        assertThat(types(page)).containsExactly("message");
                        assertThat(cursor(page)).isEqualTo(live.toString());
                    }
                }
            }
        }
    }

    @Test
    void otherTypesAreRefused() {
        try (PollServer server = new PollServer()) {
            for (String query :
                    List.of("types=join", "types=Message", "types=message,join", "types=message&types=join")) {
                RawHttp.Response refused = server.poll("wait=0&" + query);
                assertThat(refused.status()).as(query).isEqualTo(400);
                assertThat(refused.body()).contains("\"code\":\"invalid_parameter\"", "\"field\":\"types\"");
            }
            assertThat(server.poll("wait=0&types=").status()).isEqualTo(200);
        }
    }

    @Test
    void theCursorOfAnEmptyPollForMessagesIsAfterTheJoins() {
        try (PollServer server = new PollServer()) {
            MessageId start = server.publish("start");
            server.poll("wait=0&nick=ann");
            RawHttp.Response empty = server.poll("types=message&wait=0&after=" + start);
            assertThat(empty.body()).isEqualTo("[]");
            assertThat(server.poll("wait=0&after=" + cursor(empty)).body()).isEqualTo("[]");
        }
    }

    @Test
    void pagesOfMessagesOnlyHaveNoMoreThanTheirLimitAndMissNothing() {
        try (PollServer server = new PollServer()) {
            List<String> published = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                server.poll("wait=0&nick=n" + i);
                published.add("m" + i);
                server.publish("m" + i);
            }
            for (int limit : new int[] {1, 2, 7, 1_000}) {
                List<String> read = new ArrayList<>();
                String cursor = "earliest";
                for (boolean more = true; more; ) {
                    RawHttp.Response page = server.poll("types=message&wait=0&limit=" + limit + "&after=" + cursor);
                    assertThat(bodies(page)).hasSizeLessThanOrEqualTo(limit);
                    assertThat(types(page)).doesNotContain("join");
                    read.addAll(bodies(page));
                    cursor = cursor(page);
                    more = !page.body().equals("[]");
                }
                assertThat(read).isEqualTo(published);
            }
        }
    }

    @Test
    void aLargePageOfMessagesHasNoJoins() {
        try (PollServer server = new PollServer()) {
            List<String> published = new ArrayList<>();
            for (int i = 0; i < 20; i++) { // more than one write
                server.poll("wait=0&nick=n" + i);
                published.add(i + "x".repeat(9_000));
                server.publish(published.get(i));
            }
            for (String query : List.of("wait=0", "before=latest")) {
                RawHttp.Response page = server.poll("types=message&" + query);
                assertThat(bodies(page)).isEqualTo(published);
                assertThat(types(page)).doesNotContain("join");
            }
        }
    }

    @Test
    void historyOfMessagesHasFullPagesAndIsEmptyOnlyAtTheBeginning() {
        ScriptedStore store = ScriptedStore.direct();
        List<String> published = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            store.log().append(List.of(Draft.join(Room.LOBBY, new Nick("n" + i))));
            store.log().appendForeign(Room.LOBBY, "m" + i);
            published.add("m" + i);
            if (i % 10 == 0) { // more than one read
                store.log().append(Collections.nCopies(1_500, Draft.join(Room.LOBBY, new Nick("n"))));
            }
        }
        store.log().append(Collections.nCopies(2_500, Draft.leave(Room.LOBBY, new Nick("n"))));
        MessageId last = store.log().lastId();
        try (PollServer server = new PollServer(store)) {
            RawHttp.Response newest = server.poll("types=message&limit=4&before=latest");
            assertThat(bodies(newest)).isEqualTo(published.subList(21, 25));
            assertThat(cursor(newest)).isEqualTo(last.toString());

            List<String> read = new ArrayList<>();
            RawHttp.Response page = newest;
            while (!page.body().equals("[]")) {
                assertThat(types(page)).doesNotContain("join", "leave");
                read.addAll(0, bodies(page));
                page = server.poll("types=message&limit=4&before=" + ids(page).get(0));
            }
            assertThat(read).isEqualTo(published);
        }
    }
}
