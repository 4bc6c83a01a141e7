package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.confab.core.Presence.Attendance;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The joins and leaves that participants write to the log. A grace time ends only when a test runs the timer, however
 * slow the machine is. The grace time is short, because the timer repeats its check until a leave is due.
 */
class PresenceTest {
    private static final Duration GRACE = Duration.ofMillis(1);
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);
    private static final Nick ANN = new Nick("ann");
    private static final Nick BOB = new Nick("bob");
    private static final Nick EVE = new Nick("eve");

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatConfig config = ChatConfig.defaults().withPresenceGrace(GRACE);
    private ManualTimer timer = new ManualTimer();
    private ChatService chat = timer.start(store, config);
    private SubscriberRecorder recorder = subscribe();

    @AfterEach
    void close() {
        chat.close();
        store.close();
    }

    @Test
    void severalConnectionsOfANickAreOneParticipant() {
        Attendance first = chat.presence().arrive(LOBBY, ANN);
        Attendance second = chat.presence().arrive(LOBBY, ANN);
        first.leave();
        assertThat(there()).containsExactly("ann");
        second.leave();
        assertThat(there()).isEmpty();
        assertThat(log(2)).containsExactly("join ann", "leave ann");
    }

    @Test
    void aFullServerRefusesFurtherParticipantsButNotFurtherConnections() {
        chat.close();
        start(config.withMaxParticipants(2));
        chat.presence().arrive(LOBBY, ANN);
        chat.presence().arrive(LOBBY, BOB);
        assertThatExceptionOfType(ChatException.class)
                .isThrownBy(() -> chat.presence().arrive(LOBBY, new Nick("cid")))
                .returns(Reason.OVERLOADED, ChatException::reason);
        chat.presence().arrive(LOBBY, ANN);
        assertThat(there()).containsExactly("ann", "bob");
    }

    @Test
    void aCleanEndIsRecordedAsOneImmediateLeave() {
        Attendance attendance = chat.presence().arrive(LOBBY, ANN);
        attendance.leave();
        attendance.leave();
        attendance.drop();
        assertThat(log(2)).containsExactly("join ann", "leave ann");
    }

    @Test
    void aLostConnectionIsRecordedAsALeaveAfterTheGraceTime() {
        chat.presence().arrive(LOBBY, ANN).drop();
        assertThat(there()).containsExactly("ann");
        timer.runAll();
        assertThat(log(2)).containsExactly("join ann", "leave ann");
        assertThat(there()).isEmpty();
    }

    @Test
    void aNickThatReturnsWithinTheGraceTimeNeverLeaves() {
        chat.presence().arrive(LOBBY, ANN).drop();
        chat.presence().arrive(LOBBY, ANN);
        // Bob's grace time begins later than Ann's, so once it has passed, Ann's would have passed too.
        chat.presence().arrive(LOBBY, BOB).drop();
        timer.runAll();
        assertThat(log(3)).containsExactly("join ann", "join bob", "leave bob");
        assertThat(there()).containsExactly("ann");
    }

    @Test
    void aDrainLeavesLostParticipantsToTheNextStart() {
        Attendance ann = chat.presence().arrive(LOBBY, ANN);
        Attendance bob = chat.presence().arrive(LOBBY, BOB);
        Attendance eve = chat.presence().arrive(LOBBY, EVE);
        // The first timer starts before the drain, the second would start during the drain.
        eve.drop();
        chat.presence().beginDrain();
        ann.drop();
        timer.runAll();
        bob.leave();
        assertThat(log(4)).containsExactly("join ann", "join bob", "join eve", "leave bob");
        assertThat(there()).containsExactly("ann", "eve");
    }

    @Test
    void everyRoomOfAConnectionGetsTheJoinAndTheLeave() {
        RoomSet both = RoomSet.of(Room.LOBBY, new Room("other"));
        chat.presence().arrive(both, ANN).leave();
        assertThat(log(2)).containsExactly("join ann", "leave ann");
        assertThat(chat.participants(new Room("other")).join()).isEmpty();
    }

    @Test
    void aConnectionThatChangesItsRoomsJoinsAndLeavesThemOneByOne() {
        Attendance attendance = chat.presence().arrive(RoomSet.of(new Room("other")), ANN);
        attendance.enter(Room.LOBBY);
        attendance.enter(Room.LOBBY);
        assertThat(there()).containsExactly("ann");
        attendance.exit(Room.LOBBY);
        attendance.exit(Room.LOBBY);
        assertThat(there()).isEmpty();
        attendance.enter(Room.LOBBY);
        attendance.leave();
        attendance.enter(Room.LOBBY);
        attendance.exit(new Room("other"));
        assertThat(log(4)).containsExactly("join ann", "leave ann", "join ann", "leave ann");
        assertThat(there()).isEmpty();
        assertThat(chat.participants(new Room("other")).join()).isEmpty();
    }

    @Test
    void aFullServerRefusesARoomThatAConnectionEnters() {
        chat.close();
        start(config.withMaxParticipants(1));
        Attendance attendance = chat.presence().arrive(LOBBY, ANN);
        assertThatExceptionOfType(ChatException.class)
                .isThrownBy(() -> attendance.enter(new Room("other")))
                .returns(Reason.OVERLOADED, ChatException::reason);
        attendance.leave();
        assertThat(there()).isEmpty();
    }

    @Test
    void participantsOfAnEndedProgramLeaveAfterTheNextStartUnlessTheyReturn() {
        chat.presence().arrive(LOBBY, ANN);
        chat.presence().arrive(LOBBY, BOB);
        assertThat(log(2)).containsExactly("join ann", "join bob");
        // The first service stops without recording leaves, and another service starts on the same log.
        start(config);
        recorder = subscribe();
        chat.presence().arrive(LOBBY, BOB);
        timer.runAll();
        assertThat(log(3)).containsExactly("join ann", "join bob", "leave ann");
        assertThat(there()).containsExactly("bob");
    }

    @Test
    void fiveThousandJoinsAndLeavesAreAllRecorded() {
        List<Attendance> crowd = IntStream.range(0, 5_000)
                .mapToObj(i -> chat.presence().arrive(LOBBY, new Nick("n" + i)))
                .toList();
        assertThat(log(5_000)).doesNotHaveDuplicates();
        assertThat(there()).hasSize(5_000);
        crowd.forEach(Attendance::leave);
        assertThat(log(5_000)).doesNotHaveDuplicates();
        assertThat(there()).isEmpty();
    }

    private void start(ChatConfig changed) {
        timer = new ManualTimer();
        chat = timer.start(store, changed);
    }

    private List<String> there() {
        return chat.participants(Room.LOBBY).join().stream()
                .map(participant -> participant.nick().name())
                .toList();
    }

    private List<String> log(int count) {
        return recorder.awaitEntries(count).stream()
                .map(entry ->
                        entry.message().type().code() + " " + entry.message().nick())
                .toList();
    }

    private SubscriberRecorder subscribe() {
        SubscriberRecorder made = new SubscriberRecorder();
        chat.subscribe(LOBBY, Start.EARLIEST, Runnable::run, made).join();
        return made;
    }
}
