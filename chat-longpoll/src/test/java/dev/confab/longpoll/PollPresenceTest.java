package dev.confab.longpoll;

import static dev.confab.longpoll.PollServer.bodies;
import static dev.confab.longpoll.PollServer.cursor;
import static dev.confab.longpoll.PollServer.types;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.netty.RawHttp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests of presence: a poll with a nick makes a participant. */
final class PollPresenceTest {
    private static final Duration GRACE = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void aPollDoesNotGetItsOwnJoinAndKeepsWaiting() throws Exception {
        try (PollServer server = start(LONG);
                RawHttp ann = server.park("after=latest&wait=60&nick=ann")) {
            // Ann's own join is in the log by now, and bob's poll sees it.
            RawHttp.Response seen = server.poll("after=earliest&wait=60");
            assertThat(types(seen)).containsExactly("join");
            assertThat(seen.body()).contains("\"nick\":\"ann\"");

            try (RawHttp bob = server.park("after=latest&wait=60&nick=bob")) {
                RawHttp.Response response = ann.read();
                assertThat(types(response)).containsExactly("join");
                assertThat(response.body()).contains("\"nick\":\"bob\"");
                server.publish("for both");
                assertThat(bodies(bob.read())).containsExactly("for both");
            }
        }
    }

    @Test
    void ownJoinsAreAlsoOmittedFromEarlierEntries() {
        try (PollServer server = start(LONG)) {
            server.poll("wait=0&nick=ann");
            server.publish("one");
            assertThat(types(server.poll("wait=0"))).containsExactly("join", "message");
            RawHttp.Response own = server.poll("wait=0&nick=ann");
            assertThat(types(own)).containsExactly("message");
            assertThat(types(server.poll("wait=0&nick=ann&limit=1"))).containsExactly("message");
            assertThat(server.poll("wait=0&nick=ann&after=" + cursor(own)).body())
                    .isEqualTo("[]");
        }
    }

    @Test
    void aParticipantStaysPresentBetweenTwoPolls() {
        try (PollServer server = start(LONG);
                RawHttp ann = server.connect()) {
            MessageId start = server.publish("start");
            for (int i = 0; i < 3; i++) {
                ann.get("/messages?wait=0&nick=ann&after=" + start).read();
                server.publish("m" + i);
            }
            assertThat(types(server.poll("wait=0&after=" + start)))
                    .containsExactly("join", "message", "message", "message");
        }
    }

    @Test
    void aParticipantThatStopsPollingLeavesOneGraceTimeAfterTheLastResponse() {
        try (PollServer server = start(GRACE)) {
            CompletableFuture<MessageId> published = server.publishAfterNextPoll(Room.LOBBY, "after the answer");
            server.poll("wait=0&nick=ann");
            MessageId answered = published.join();
            List<String> types = new ArrayList<>();
            RawHttp.Response page = server.poll("after=earliest&wait=60");
            MessageId joined = MessageId.parse(page.body().replaceFirst("(?s).*?\"id\":\"([^\"]+)\".*", "$1"));
            types.addAll(types(page));
            while (!types.contains("leave")) {
                page = server.poll("wait=60&after=" + cursor(page));
                types.addAll(types(page));
            }
            assertThat(types).containsExactly("join", "message", "leave");
            Instant left = MessageId.parse(cursor(page)).time();
            // The join was stored before the response, and the message after it. Ids have whole milliseconds.
            assertThat(Duration.between(joined.time(), left)).isGreaterThanOrEqualTo(GRACE.minusMillis(5));
            assertThat(Duration.between(answered.time(), left)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void aParticipantThatDisconnectsWhileWaitingLeavesAfterTheGraceTime() throws Exception {
        try (PollServer server = start(GRACE)) {
            RawHttp ann = server.park("after=latest&wait=60&nick=ann");
            RawHttp.Response joined = server.poll("after=earliest&wait=60");
            assertThat(types(joined)).containsExactly("join");
            ann.hangUp();
            RawHttp.Response left = server.poll("wait=60&after=" + cursor(joined));
            assertThat(types(left)).containsExactly("leave");
            assertThat(left.body()).contains("\"nick\":\"ann\"");
        }
    }

    private static PollServer start(Duration grace) {
        return new PollServer(new InMemoryMessageStore(), ChatConfig.defaults().withPresenceGrace(grace), 2);
    }
}
