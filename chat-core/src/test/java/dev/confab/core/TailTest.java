package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TailTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final RoomSet ONLY_A = RoomSet.of(A);
    private static final RoomSet BOTH = RoomSet.of(A, B);
    private static final Limit PAGE = Limit.PAGE;

    private final MessageId start = id(0);
    private final Tail tail = new Tail(start, 1 << 20);

    @Test
    void appendedEntriesAreReadInOrderAcrossSeveralRooms() {
        tail.append(List.of(entry(1, A), entry(2, B), entry(3, A)), Map.of());
        tail.append(List.of(entry(4, B), entry(5, A)), Map.of());

        assertThat(ids(tail.read(BOTH, start, PAGE))).containsExactly(1, 2, 3, 4, 5);
        assertThat(ids(tail.read(BOTH, id(2), PAGE))).containsExactly(3, 4, 5);
        assertThat(ids(tail.read(ONLY_A, id(2), PAGE))).containsExactly(3, 5);
        assertThat(tail.head()).isEqualTo(id(5));
    }

    @Test
    void anEmptyBatchEndsAtTheHead() {
        tail.append(List.of(entry(1, B), entry(2, B)), Map.of());
        assertThat(tail.read(ONLY_A, start, PAGE)).isEqualTo(new Batch(start, id(2), List.of()));
        assertThat(tail.read(ONLY_A, id(7), PAGE)).isEqualTo(new Batch(id(7), id(7), List.of()));
    }

    @Test
    void aReadEndsAtItsLimits() {
        tail.append(List.of(entry(1, A), entry(2, B), entry(3, A), entry(4, B)), Map.of());
        assertThat(ids(tail.read(BOTH, start, new Limit(3, 1 << 20)))).containsExactly(1, 2, 3);
        assertThat(ids(tail.read(ONLY_A, start, new Limit(1, 1 << 20)))).containsExactly(1);
        int two = 2 * entry(1, A).json().length;
        assertThat(ids(tail.read(BOTH, start, new Limit(9, two)))).containsExactly(1, 2);
        assertThat(ids(tail.read(ONLY_A, start, new Limit(9, two)))).containsExactly(1, 3);
    }

    @Test
    void aReadReturnsAtLeastOneEntry() {
        tail.append(List.of(entry(1, A), entry(2, B)), Map.of());
        assertThat(ids(tail.read(BOTH, start, new Limit(1, 1)))).containsExactly(1);
        assertThat(ids(tail.read(ONLY_A, start, new Limit(1, 1)))).containsExactly(1);
    }

    @Test
    void evictedEntriesAreNoLongerRead() {
        tail.append(List.of(entry(1, A), entry(2, B), entry(3, A)), Map.of());
        tail.evictThrough(id(2));
        assertThat(tail.read(BOTH, id(1), PAGE)).isNull();
        assertThat(ids(tail.read(BOTH, id(2), PAGE))).containsExactly(3);
        assertThat(tail.head()).isEqualTo(id(3));
    }

    @Test
    void aRoomWithoutEvictedEntriesIsReadFromAnOlderCursor() {
        tail.add(feed(A));
        tail.append(List.of(entry(1, B), entry(2, A)), Map.of());
        tail.evictThrough(id(1));
        assertThat(ids(tail.read(ONLY_A, start, PAGE))).containsExactly(2);
        assertThat(tail.read(RoomSet.of(B), start, PAGE)).isNull();
    }

    @Test
    void trimmedEntriesAreNoLongerRead() {
        tail.append(List.of(entry(1, A), entry(2, B), entry(3, A), entry(4, A)), Map.of());
        tail.trim(Map.of(A, id(3)));
        assertThat(tail.read(ONLY_A, id(2), PAGE)).isNull();
        assertThat(ids(tail.read(ONLY_A, id(3), PAGE))).containsExactly(4);
        assertThat(ids(tail.read(RoomSet.of(B), start, PAGE))).containsExactly(2);
    }

    @Test
    void entriesTrimmedBeforeTheyArrivedAreMissing() {
        tail.append(List.of(entry(1, A)), Map.of());
        tail.append(List.of(entry(4, B), entry(5, A)), Map.of(A, id(3), B, id(2)));
        assertThat(tail.read(ONLY_A, id(1), PAGE)).isNull();
        assertThat(ids(tail.read(ONLY_A, id(3), PAGE))).containsExactly(5);
        assertThat(tail.read(RoomSet.of(B), id(1), PAGE)).isNull();
        assertThat(ids(tail.read(BOTH, id(3), PAGE))).containsExactly(4, 5);
    }

    @Test
    void aTrimFollowedByEvictionLeavesNothingBehind() {
        tail.append(List.of(entry(1, A), entry(2, A), entry(3, A)), Map.of());
        tail.trim(Map.of(A, id(2)));
        tail.evictThrough(id(1));
        assertThat(ids(tail.read(ONLY_A, id(2), PAGE))).containsExactly(3);
        tail.evictThrough(id(3));
        assertThat(tail.read(ONLY_A, id(2), PAGE)).isNull();
        assertThat(tail.read(ONLY_A, id(3), PAGE)).isNotNull();
        assertThat(tail.bytes()).isZero();
        assertThat(tail.roomCount()).isZero();
    }

    @Test
    void aTrimOfAnUnknownRoomChangesNothing() {
        tail.trim(Map.of(B, id(9)));
        assertThat(tail.roomCount()).isZero();
    }

    @Test
    void theTailKnowsOnlyTheIdsOfEntries() {
        tail.append(List.of(entry(1, A), entry(3, B), entry(5, A)), Map.of());
        assertThat(tail.knows(ONLY_A, start)).isTrue();
        assertThat(tail.knows(ONLY_A, id(3))).as("an id of another room").isTrue();
        assertThat(tail.knows(ONLY_A, id(2))).isFalse();
        assertThat(tail.knows(ONLY_A, id(6))).as("above the head").isFalse();
        assertThat(tail.knows(ONLY_A, MessageId.MIN)).isFalse();

        tail.evictThrough(id(3));
        assertThat(tail.knows(ONLY_A, id(3))).isTrue();
        assertThat(tail.knows(ONLY_A, id(1)))
                .as("its room lost nothing after it")
                .isTrue();
        assertThat(tail.knows(BOTH, id(1))).isFalse();
        tail.trim(Map.of(A, id(5)));
        assertThat(tail.knows(ONLY_A, id(5))).isTrue();
        assertThat(tail.knows(ONLY_A, id(3))).as("before a trim of its room").isFalse();
    }

    @Test
    void theTailStaysWithinItsBytes() {
        Tail small = new Tail(start, 50_000);
        for (int i = 1; i < 2_000; i++) {
            small.append(List.of(entry(i, A)), Map.of());
            assertThat(small.bytes()).isBetween(1L, 50_000L);
        }
        assertThat(small.read(ONLY_A, id(1_999), PAGE)).isNotNull();
        assertThat(small.read(ONLY_A, id(1), PAGE)).isNull();
    }

    @Test
    void theNewestEntryStaysEvenIfItExceedsTheBound() {
        Tail tiny = new Tail(start, 1);
        tiny.append(List.of(entry(1, A), entry(2, A)), Map.of());
        assertThat(ids(tiny.read(ONLY_A, id(1), PAGE))).containsExactly(2);
    }

    @Test
    void prependedEntriesAreReadBeforeTheOthers() {
        Tail started = new Tail(id(5), 1 << 20);
        started.append(List.of(entry(6, A)), Map.of());
        assertThat(started.prepend(id(3), id(5), List.of(entry(4, A), entry(5, B)), Map.of(), 0))
                .isTrue();
        assertThat(started.prepend(start, id(3), List.of(entry(1, A), entry(3, B)), Map.of(), 0))
                .isTrue();
        assertThat(ids(started.read(BOTH, start, PAGE))).containsExactly(1, 3, 4, 5, 6);
        assertThat(ids(started.read(ONLY_A, start, PAGE))).containsExactly(1, 4, 6);
        assertThat(started.head()).isEqualTo(id(6));
        started.evictThrough(id(4));
        assertThat(started.read(ONLY_A, id(1), PAGE)).isNull();
        assertThat(ids(started.read(BOTH, id(4), PAGE))).containsExactly(5, 6);
    }

    @Test
    void prependedEntriesAreReadByAFeedThatWasThereBefore() {
        Tail started = new Tail(id(5), 1 << 20);
        started.add(feed(A));
        assertThat(started.prepend(start, id(5), List.of(entry(2, A)), Map.of(), 0))
                .isTrue();
        assertThat(ids(started.read(ONLY_A, start, PAGE))).containsExactly(2);
    }

    @Test
    void aPrependAddsTheNewestEntriesThatFit() {
        Tail small = new Tail(id(9), 2_000);
        List<Entry> older =
                IntStream.rangeClosed(1, 9).mapToObj(i -> entry(i, A)).toList();
        assertThat(small.prepend(start, id(9), older, Map.of(), 0)).isFalse();
        assertThat(small.bytes()).isBetween(1_000L, 2_000L);
        assertThat(small.read(ONLY_A, start, PAGE)).isNull();
        int first = 9;
        while (small.read(ONLY_A, id(first - 1), PAGE) != null) {
            first--;
        }
        assertThat(first).isBetween(5, 8);
        assertThat(ids(small.read(ONLY_A, id(first), PAGE)))
                .startsWith(first + 1)
                .endsWith(9);
    }

    @Test
    void entriesThatDoNotEndWhereTheTailStartsAreNotPrepended() {
        Tail started = new Tail(id(5), 1 << 20);
        started.append(List.of(entry(6, A)), Map.of());
        started.evictThrough(id(6));
        assertThat(started.prepend(start, id(5), List.of(entry(2, A)), Map.of(), 0))
                .isFalse();
        assertThat(started.read(ONLY_A, start, PAGE)).isNull();
    }

    @Test
    void entriesReadBeforeATrimAreNotPrepended() {
        Tail started = new Tail(id(5), 1 << 20);
        long seen = started.trims();
        started.trim(Map.of(A, id(2)));
        assertThat(started.prepend(start, id(5), List.of(entry(2, A)), Map.of(), seen))
                .isFalse();
        assertThat(started.read(ONLY_A, start, PAGE)).isNull();
    }

    @Test
    void trimmedEntriesAreNotPrepended() {
        Tail started = new Tail(id(5), 1 << 20);
        Map<Room, MessageId> trimmed = Map.of(A, id(2), B, id(3));
        assertThat(started.prepend(start, id(5), List.of(entry(2, A), entry(4, A)), trimmed, 0))
                .isTrue();
        assertThat(started.read(ONLY_A, start, PAGE)).isNull();
        assertThat(started.read(RoomSet.of(B), start, PAGE)).isNull();
        assertThat(ids(started.read(BOTH, id(3), PAGE))).containsExactly(4);
    }

    @Test
    void manyRoomNamesDoNotGrowTheTail() {
        Tail small = new Tail(start, 1 << 20);
        int most = 0;
        for (int i = 1; i <= 200_000; i += 1_000) {
            int from = i;
            small.append(
                    IntStream.range(from, from + 1_000)
                            .mapToObj(n -> entry(n, new Room("room-" + n)))
                            .toList(),
                    Map.of());
            most = Math.max(most, small.roomCount());
        }
        assertThat(most).isLessThan(4_000);
        assertThat(small.bytes()).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void roomsWithoutReadersAreForgotten() {
        List<Feed> feeds = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Feed feed = feed(new Room("room-" + i), B);
            feeds.add(feed);
            tail.add(feed);
        }
        assertThat(tail.roomCount()).isEqualTo(1_001);
        feeds.forEach(Feed::close);
        assertThat(tail.roomCount()).isZero();
    }

    @Test
    void oldMarksOfTrimmedRoomsAreForgotten() {
        Feed feed = feed(A);
        tail.add(feed);
        tail.trim(Map.of(A, id(3)));
        feed.close();
        tail.append(List.of(entry(4, B), entry(5, B)), Map.of());
        tail.evictThrough(id(4));
        assertThat(tail.roomCount()).isEqualTo(1);
    }

    @Test
    void aFeedIsWokenOncePerBatchInItsRooms() {
        List<Integer> heads = new ArrayList<>();
        tail.add(new Feed(BOTH, Runnable::run, () -> heads.add(number(tail.head())), tail, reads()));
        tail.append(List.of(entry(1, A), entry(2, B), entry(3, A)), Map.of());
        tail.append(List.of(entry(4, new Room("other"))), Map.of());
        tail.append(List.of(entry(5, B)), Map.of());
        assertThat(heads).containsExactly(3, 5);
    }

    @Test
    void pendingWakeUpsAreMerged() {
        ManualExecutor loop = new ManualExecutor();
        List<Integer> heads = new ArrayList<>();
        tail.add(new Feed(ONLY_A, loop, () -> heads.add(number(tail.head())), tail, reads()));
        tail.append(List.of(entry(1, A)), Map.of());
        tail.append(List.of(entry(2, A)), Map.of());
        assertThat(loop.size()).isEqualTo(1);
        loop.runAll();
        tail.append(List.of(entry(3, A)), Map.of());
        loop.runAll();
        assertThat(heads).containsExactly(2, 3);
    }

    @Test
    void aFailingWakeUpOrExecutorLeavesNoOtherReaderAsleep() {
        List<String> woken = new ArrayList<>();
        Executor ended = task -> {
            throw new java.util.concurrent.RejectedExecutionException();
        };
        tail.add(new Feed(ONLY_A, ended, () -> woken.add("never"), tail, reads()));
        tail.add(new Feed(ONLY_A, Runnable::run, TailTest::fail, tail, reads()));
        tail.add(new Feed(ONLY_A, Runnable::run, () -> woken.add("last"), tail, reads()));
        tail.append(List.of(entry(1, A)), Map.of());
        assertThat(woken).containsExactly("last");
    }

    @Test
    void aBatchOutOfOrderLeavesNoTrace() {
        tail.append(List.of(entry(1, A)), Map.of());
        Throwable wrong = catchThrowable(() -> tail.append(List.of(entry(5, A), entry(5, A)), Map.of()));
        assertThat(wrong).hasMessage("entry: " + id(5) + " (expected: above " + id(5) + ")");
        assertThat(tail.head()).isEqualTo(id(1));
        assertThat(tail.read(ONLY_A, id(1), PAGE).isEmpty()).isTrue();
        tail.append(List.of(entry(5, A)), Map.of());
        assertThat(ids(tail.read(ONLY_A, start, PAGE))).containsExactly(1, 5);
    }

    @Test
    void oneTaskWakesTheFeedsOfAllRoomsThatACommitTouches() {
        ManualExecutor loop = new ManualExecutor();
        ManualExecutor other = new ManualExecutor();
        List<String> woken = new ArrayList<>();
        List<Room> rooms =
                IntStream.range(0, 100).mapToObj(i -> new Room("r" + i)).toList();
        rooms.forEach(room -> tail.add(new Feed(RoomSet.of(room), loop, () -> woken.add(room.name()), tail, reads())));
        tail.add(new Feed(RoomSet.of(rooms.get(5)), other, () -> woken.add("other"), tail, reads()));

        tail.append(
                IntStream.range(0, 60).mapToObj(i -> entry(i + 1, rooms.get(i))).toList(), Map.of());
        assertThat(loop.size()).isEqualTo(1);
        assertThat(other.size()).isEqualTo(1);
        // A feed that waits for its wake-up is not woken twice.
        tail.append(
                IntStream.range(0, 100)
                        .mapToObj(i -> entry(i + 61, rooms.get(i)))
                        .toList(),
                Map.of());
        assertThat(loop.size()).isEqualTo(2);

        loop.runAll();
        assertThat(woken)
                .containsExactlyElementsOf(rooms.stream().map(Room::name).toList());
        other.runAll();
        assertThat(woken).hasSize(101).endsWith("other");
    }

    @Test
    void aTaskWakesALimitedNumberOfFeeds() {
        ManualExecutor loop = new ManualExecutor();
        List<Room> rooms =
                IntStream.range(0, 130).mapToObj(i -> new Room("r" + i)).toList();
        rooms.forEach(room -> tail.add(new Feed(RoomSet.of(room), loop, () -> {}, tail, reads())));
        tail.append(
                IntStream.range(0, 130)
                        .mapToObj(i -> entry(i + 1, rooms.get(i)))
                        .toList(),
                Map.of());
        assertThat(loop.size()).isEqualTo(3);
    }

    private Feed feed(Room... rooms) {
        return new Feed(RoomSet.of(rooms), Runnable::run, () -> {}, tail, reads());
    }

    private Reads reads() {
        ScriptedStore store = new ScriptedStore();
        return new Reads(store, tail, new LogFollower(store, tail, new Revocations()), Runnable::run);
    }

    private static void fail() {
        throw new IllegalStateException("a fault, on purpose");
    }

    private static List<Integer> ids(Batch batch) {
        return batch.entries().stream().map(e -> number(e.id())).toList();
    }

    private static int number(MessageId id) {
        return (int) id.low();
    }

    static MessageId id(int number) {
        return MessageId.of(1_700_000_000_000L, 0, number);
    }

    static Entry entry(int number, Room room) {
        return Entry.of(new Message(Message.Type.MESSAGE, id(number), room, null, "message " + number % 10));
    }
}
