package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Limit;
import dev.confab.core.ManualClock;
import dev.confab.core.ManualTimer;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests participants on several nodes of one log, and on a single node that is restarted. The tests themselves advance
 * the time and run the regular tasks of the nodes.
 */
@Timeout(60)
class NodesPresenceTest {
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** The interval in which a node renews its lease. */
    private static final Duration RENEWAL = Duration.ofSeconds(5);

    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);
    private static final Nick ANN = new Nick("ann");
    private static final Nick BOB = new Nick("bob");

    private final ManualClock clock = new ManualClock();
    private final List<Node> nodes = new ArrayList<>();
    private HikariDataSource database = PostgresServer.pool(PostgresServer.newSchema());

    @AfterEach
    void close() {
        nodes.forEach(Node::close);
        database.close();
    }

    @Test
    void aParticipantOnTwoNodesJoinsOnceAndLeavesOnce() {
        Node node = new Node();
        Node other = new Node();
        Attendance here = node.arrive(ANN);
        Attendance there = other.arrive(ANN);
        here.leave();
        node.settled();
        assertThat(node.there()).containsExactly("ann");
        there.leave();
        other.settled();
        assertThat(node.there()).isEmpty();
        assertThat(other.log()).containsExactly("join ann", "leave ann");
    }

    @Test
    void participantsOfADeadNodeLeaveOnceWhenSeveralNodesNotice() {
        Node dead = new Node();
        Node node = new Node();
        Node other = new Node();
        dead.arrive(ANN);
        dead.arrive(BOB);
        other.arrive(BOB);
        clock.advance(MessageStore.MAX_LEASE.minusMillis(1));
        node.tick();
        other.tick();
        assertThat(node.there()).containsExactly("ann", "bob");

        clock.advance(Duration.ofMillis(1));
        node.timer.runAll();
        other.timer.runAll();
        node.settled();
        other.settled();
        assertThat(node.there()).containsExactly("bob");
        assertThat(node.log()).containsExactly("join ann", "join bob", "leave ann");
    }

    @Test
    void aNodeThatWasFrozenForLongerThanItsLeaseJoinsAgain() {
        Node frozen = new Node();
        Node node = new Node();
        frozen.arrive(ANN);
        frozen.arrive(BOB);
        Attendance gone = frozen.arrive(new Nick("eve"));
        clock.advance(MessageStore.MAX_LEASE);
        node.tick();
        assertThat(node.there()).isEmpty();

        // Until the frozen node notices that its lease has expired, it changes nothing.
        gone.leave();
        frozen.arrive(new Nick("new"));
        assertThat(node.there()).isEmpty();
        frozen.tick();
        frozen.settled();
        assertThat(node.there()).containsExactly("ann", "bob", "new");
        clock.advance(MessageStore.MAX_LEASE.minusMillis(1));
        frozen.tick();
        node.tick();
        assertThat(node.there()).containsExactly("ann", "bob", "new");
        List<String> log = node.log();
        assertThat(log.subList(0, 6))
                .containsExactly("join ann", "join bob", "join eve", "leave ann", "leave bob", "leave eve");
        assertThat(log.subList(6, log.size())).containsExactlyInAnyOrder("join ann", "join bob", "join new");
    }

    /** The node that checks first considers all other nodes dead; their participants then join again, once. */
    @Test
    void aClockJumpMakesParticipantsOfOtherNodesLeaveAndJoinOnce() {
        Node first = new Node();
        Node second = new Node();
        Node third = new Node();
        first.arrive(ANN);
        second.arrive(BOB);
        third.arrive(new Nick("eve"));
        clock.advance(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            first.tick();
            second.tick();
            third.tick();
        }
        assertThat(first.there()).containsExactly("ann", "bob", "eve");
        assertThat(first.log())
                .startsWith("join ann", "join bob", "join eve")
                .containsExactlyInAnyOrder(
                        "join ann", "join bob", "join eve", "leave bob", "leave eve", "join bob", "join eve");
    }

    @Test
    void aClockThatStepsBackMakesOnlyParticipantsOfTheDeadNodeLeave() {
        Node dead = new Node();
        Node node = new Node();
        Node other = new Node();
        dead.arrive(ANN);
        node.arrive(BOB);
        other.arrive(new Nick("eve"));
        clock.advance(Duration.ofHours(-1));
        for (int i = 0; i < 3; i++) {
            node.tick();
            other.tick();
            assertThat(node.there()).containsExactly("ann", "bob", "eve");
            clock.advance(RENEWAL);
        }
        node.tick();
        other.tick();
        assertThat(node.there()).containsExactly("bob", "eve");
        assertThat(node.log()).containsExactly("join ann", "join bob", "join eve", "leave ann");
    }

    @Test
    void manyParticipantsOfAFrozenNodeJoinAgain() {
        Node frozen = new Node();
        Node node = new Node();
        IntStream.range(0, 2_500).forEach(i -> frozen.chat.presence().arrive(LOBBY, new Nick("n" + i)));
        frozen.settled();
        clock.advance(MessageStore.MAX_LEASE);
        node.tick();
        node.tick();
        assertThat(node.there()).isEmpty();
        frozen.tick();
        while (node.there().size() < 2_500) {
            frozen.settled();
        }
        assertThat(node.log()).hasSize(7_500);
    }

    @Test
    void aParticipantThatReturnsOnAnotherNodeAfterAShutdownNeverLeft() {
        Node closing = new Node();
        Node node = new Node();
        Attendance ann = closing.arrive(ANN);
        Attendance bob = closing.arrive(BOB);
        // A server ends its connections in this way when it shuts down.
        ann.drop();
        bob.drop();
        closing.close();
        node.arrive(ANN);
        clock.advance(GRACE.minusMillis(1));
        node.tick();
        assertThat(node.there()).containsExactly("ann", "bob");
        clock.advance(Duration.ofMillis(1));
        node.tick();
        assertThat(node.there()).containsExactly("ann");
        assertThat(node.log()).containsExactly("join ann", "join bob", "leave bob");
    }

    /** A log with a single node: all other recorded participants were on a node that no longer runs. */
    @Test
    void aParticipantThatReturnsAfterARestartNeverLeft() {
        database.close();
        database = H2Database.inMemory();
        Node first = new Node();
        first.arrive(ANN);
        first.arrive(BOB);
        first.close();
        Node second = new Node();
        second.arrive(ANN);
        assertThat(second.there()).containsExactly("ann", "bob");
        second.tick();
        assertThat(second.there()).containsExactly("ann");
        assertThat(second.log()).containsExactly("join ann", "join bob", "leave bob");
    }

    private final class Node {
        final MessageStore store =
                JdbiMessageStore.open(database, JdbiStoreConfig.defaults().withClock(clock));
        final ManualTimer timer = new ManualTimer();
        final ChatService chat;

        Node() {
            ChatConfig config = ChatConfig.defaults().withPresenceGrace(GRACE);
            chat = timer.start(store, config);
            nodes.add(this);
        }

        Attendance arrive(Nick nick) {
            Attendance attendance = chat.presence().arrive(LOBBY, nick);
            settled();
            return attendance;
        }

        /** Runs the regular tasks, and waits until they are done. */
        void tick() {
            timer.runAll();
            settled();
        }

        /**
         * Waits until all started work is done. The appending thread does one piece of work after the other. Work that
         * a task starts is queued behind a publish that is already waiting, and may start further work; so this method
         * publishes several times.
         */
        void settled() {
            for (int i = 0; i < 3; i++) {
                chat.publish(Draft.of(new Room("marker"), "done")).join();
            }
        }

        List<String> there() {
            return chat.participants(Room.LOBBY).join().stream()
                    .map(participant -> participant.nick().name())
                    .toList();
        }

        List<String> log() {
            return store.readAfter(LOBBY, MessageId.MIN, MessageId.MAX, new Limit(10_000, 1 << 20)).messages().stream()
                    .map(entry -> entry.type().code() + " " + entry.nick())
                    .toList();
        }

        void close() {
            chat.close();
            store.close();
        }
    }
}
