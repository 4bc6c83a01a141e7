package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.EMPTY;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publish;
import static dev.confab.core.StoreCalls.publishAll;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of the messages that retention removes, and of the marks and floors that result. */
interface RetentionContract extends StoreFixture {
    @Test
    default void aTrimByAgeRemovesOlderMessagesInEveryRoom() {
        MessageStore store = open();
        Message a1 = publish(store, A, "a1");
        Message b1 = publish(store, B, "b1");
        clock().advance(Duration.ofHours(1));
        Message a2 = publish(store, A, "a2");
        MessageId origin = store.trimmedThrough(RoomSet.of(A));

        assertThat(store.trim(new Retention(Duration.ofHours(1), null))).isEmpty();
        clock().advance(Duration.ofMillis(1));
        assertThat(store.trim(new Retention(Duration.ofHours(1), null))).isEqualTo(Map.of(A, a1.id(), B, b1.id()));
        assertThat(store.trim(new Retention(Duration.ofHours(1), null))).isEmpty();

        assertThat(all(store, A, B)).containsExactly(a2);
        assertThat(store.readLog(MessageId.MIN, Limit.PAGE)).containsExactly(a2);
        assertThat(store.trimmedThrough(RoomSet.of(A))).isEqualTo(a1.id());
        assertThat(store.trimmedThrough(RoomSet.of(B))).isEqualTo(b1.id());
        assertThat(store.trimmedThrough(RoomSet.of(A, B))).isEqualTo(b1.id());
        assertThat(store.trimmedThrough(RoomSet.of(EMPTY))).isEqualTo(origin);
    }

    @Test
    default void trimmedAfterReturnsTheMarksPerRoom() {
        MessageStore store = open();
        MessageId origin = store.lastId();
        List<Message> a = publishAll(store, A, 5);
        List<Message> b = publishAll(store, B, 5);
        assertThat(store.trimmedAfter(MessageId.MIN)).isEmpty();
        store.trim(new Retention(null, 2));
        Map<Room, MessageId> both = Map.of(A, a.get(2).id(), B, b.get(2).id());
        assertThat(store.trimmedAfter(MessageId.MIN)).isEqualTo(both);
        assertThat(store.trimmedAfter(origin)).isEqualTo(both);
        assertThat(store.trimmedAfter(a.get(1).id())).isEqualTo(both);
        assertThat(store.trimmedAfter(a.get(2).id()))
                .isEqualTo(Map.of(B, b.get(2).id()));
        assertThat(store.trimmedAfter(store.lastId())).isEmpty();
    }

    @Test
    default void aTrimByCountKeepsTheNewestMessagesOfEachRoom() {
        MessageStore store = open();
        List<Message> a = publishAll(store, A, 10);
        List<Message> b = publishAll(store, B, 3);
        assertThat(store.trim(new Retention(null, 3)))
                .isEqualTo(Map.of(A, a.get(6).id()));
        assertThat(store.trim(new Retention(null, 3))).isEmpty();
        assertThat(all(store, A)).isEqualTo(a.subList(7, 10));
        assertThat(all(store, B)).isEqualTo(b);
        assertThat(store.readLog(a.get(8).id(), Limit.PAGE)).hasSize(4).startsWith(a.get(9));
        assertThat(store.readBefore(RoomSet.of(A, B), b.get(0).id(), Limit.PAGE))
                .isEqualTo(a.subList(7, 10));

        publish(store, B, "one more");
        assertThat(store.trim(new Retention(null, 3)))
                .isEqualTo(Map.of(B, b.get(0).id()));
        assertThat(store.trim(new Retention(null, 1))).containsOnlyKeys(A, B);
        assertThat(all(store, A, B)).hasSize(2);
    }

    @Test
    default void aTrimOfThousandsOfMessagesIsComplete() {
        MessageStore store = open();
        for (int i = 0; i < 10; i++) {
            store.append(
                    NODE,
                    IntStream.range(0, 300)
                            .mapToObj(n -> Draft.of(n % 3 == 0 ? B : A, "" + n))
                            .toList());
        }
        List<Message> a = all(store, A);
        List<Message> b = all(store, B);
        store.trim(new Retention(null, 900));
        assertThat(all(store, A)).isEqualTo(a.subList(1_100, 2_000));
        assertThat(all(store, B)).isEqualTo(b.subList(100, 1_000));
        clock().advance(Duration.ofDays(2));
        assertThat(store.trim(new Retention(Duration.ofDays(1), null)))
                .isEqualTo(Map.of(A, a.get(1_999).id(), B, b.get(999).id()));
        assertThat(all(store, A, B)).isEmpty();
    }

    @Test
    default void anEmptiedRoomContinuesAboveItsMark() {
        MessageStore store = open();
        Message last = publish(store, A, "gone");
        clock().advance(Duration.ofHours(2));
        store.trim(new Retention(Duration.ofHours(1), null));
        assertThat(store.lastId()).isEqualTo(last.id());
        assertThat(store.trimmedThrough(RoomSet.of(A))).isEqualTo(last.id());

        clock().advance(Duration.ofHours(-5));
        MessageStore again = reopen(store);
        assertThat(again.lastId()).isEqualTo(last.id());
        assertThat(publish(again, A, "new").id()).isEqualTo(last.id().next());
        assertThat(again.trimmedThrough(RoomSet.of(A))).isEqualTo(last.id());
        assertThat(bodies(all(again, A))).containsExactly("new");
    }

    @Test
    default void floorOfACursorOfThisLogIsItself() {
        MessageStore store = open();
        MessageId origin = store.lastId();
        assertThat(store.floor(origin)).isEqualTo(origin);
        assertThat(store.floor(MessageId.MIN)).isEqualTo(MessageId.MIN);
        List<Message> a = publishAll(store, A, 3);
        a.forEach(m -> assertThat(store.floor(m.id())).isEqualTo(m.id()));
        assertThat(store.floor(origin)).isEqualTo(origin);
    }

    @Test
    default void floorOfACursorOfAnotherLogIsTheIdBelowIt() {
        MessageStore store = open();
        MessageId origin = store.lastId();
        assertThat(store.floor(origin.next())).isEqualTo(origin);
        assertThat(store.floor(MessageId.MAX)).isEqualTo(origin);
        Message first = publish(store, A, "1");
        clock().advance(Duration.ofMillis(10));
        Message second = publish(store, B, "2");
        assertThat(store.floor(first.id().next())).isEqualTo(first.id());
        assertThat(store.floor(second.id().next())).isEqualTo(second.id());
        assertThat(store.floor(MessageId.MAX)).isEqualTo(second.id());
    }

    /**
     * The cursor is from an in-memory log before its restart, or from another file. No message of this log that the
     * reader had yet to read was removed.
     */
    @Test
    default void floorOfACursorFromBeforeTheLogIsTheOriginOfTheLog() {
        MessageStore store = open();
        MessageId origin = store.lastId();
        assertThat(store.floor(origin.previous())).isEqualTo(origin);
        publishAll(store, A, 3);
        store.trim(new Retention(null, 1));
        assertThat(store.floor(origin.previous())).isEqualTo(origin);
        assertThat(store.floor(MessageId.MIN.next())).isEqualTo(origin);
        assertThat(store.floor(origin)).isEqualTo(origin);
    }

    @Test
    default void floorOfACursorThatMayHaveBeenTrimmedIsItself() {
        MessageStore store = open();
        Message quiet = publish(store, B, "quiet");
        clock().advance(Duration.ofMillis(10));
        List<Message> a = publishAll(store, A, 5);
        store.trim(new Retention(null, 1));
        MessageId trimmed = a.get(3).id();
        assertThat(store.floor(a.get(1).id())).isEqualTo(a.get(1).id());
        assertThat(store.floor(trimmed)).isEqualTo(trimmed);
        assertThat(store.floor(quiet.id().next())).isEqualTo(quiet.id().next());
        assertThat(store.floor(a.get(4).id())).isEqualTo(a.get(4).id());
        assertThat(store.floor(a.get(4).id().next())).isEqualTo(a.get(4).id());
        clock().advance(Duration.ofHours(1));
        store.trim(new Retention(Duration.ofMinutes(1), null));
        assertThat(store.floor(MessageId.MAX)).isEqualTo(a.get(4).id());
    }
}
