package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.EMPTY;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.join;
import static dev.confab.core.StoreCalls.placed;
import static dev.confab.core.StoreCalls.publish;
import static dev.confab.core.StoreCalls.publishAll;
import static dev.confab.core.StoreCalls.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of reading messages after an id, before an id, and from the whole log. */
interface ReadContract extends StoreFixture {
    @Test
    default void newLogStartsTrimmedThroughItsLastId() {
        MessageStore store = open();
        assertThat(store.lastId().time()).isEqualTo(clock().instant());
        assertThat(store.trimmedThrough(RoomSet.of(A))).isEqualTo(store.lastId());
        assertThat(store.trimmedThrough(RoomSet.of(A, B))).isEqualTo(store.lastId());
        Page page = read(store, RoomSet.of(A), MessageId.MIN);
        assertThat(page).isEqualTo(new Page(store.lastId(), List.of(), true));
        assertThat(store.readBefore(RoomSet.of(A), MessageId.MAX, Limit.PAGE)).isEmpty();
        assertThat(store.readLog(MessageId.MIN, Limit.PAGE)).isEmpty();
        assertThat(store.startOfLast(RoomSet.of(A), 10)).isEqualTo(store.lastId());
    }

    @Test
    default void readAfterReturnsTheMessagesBetweenTwoIds() {
        MessageStore store = open();
        List<Message> a = publishAll(store, A, 10);
        publishAll(store, B, 10);
        RoomSet rooms = RoomSet.of(A);
        assertThat(store.readAfter(rooms, a.get(2).id(), a.get(5).id(), Limit.PAGE)
                        .messages())
                .isEqualTo(a.subList(3, 6));
        assertThat(store.readAfter(rooms, a.get(9).id(), MessageId.MAX, Limit.PAGE)
                        .messages())
                .isEmpty();
        assertThat(store.readAfter(rooms, a.get(5).id(), a.get(5).id(), Limit.PAGE)
                        .messages())
                .isEmpty();
        assertThat(store.readAfter(rooms, a.get(5).id(), a.get(2).id(), Limit.PAGE)
                        .messages())
                .isEmpty();
    }

    @Test
    default void readAfterStopsAtTheEntryLimitAndReportsAnIncompletePage() {
        MessageStore store = open();
        List<Message> a = publishAll(store, A, 10);
        MessageId last = store.lastId();
        RoomSet rooms = RoomSet.of(A, B);
        Page cut = store.readAfter(rooms, MessageId.MIN, last, new Limit(4, 1 << 20));
        assertThat(cut.messages()).isEqualTo(a.subList(0, 4));
        assertThat(cut.complete()).isFalse();
        Page exact = store.readAfter(rooms, a.get(5).id(), last, new Limit(4, 1 << 20));
        assertThat(exact.messages()).isEqualTo(a.subList(6, 10));
        assertThat(exact.complete()).isTrue();
        Page inside = store.readAfter(rooms, a.get(0).id(), a.get(3).id(), new Limit(3, 1 << 20));
        assertThat(inside.complete()).isTrue();
    }

    @Test
    default void readsStopAtTheByteLimitButReturnAtLeastOneMessage() {
        MessageStore store = open();
        List<Message> a = IntStream.range(0, 5)
                .mapToObj(i -> publish(store, A, "ä".repeat(500)))
                .toList();
        RoomSet rooms = RoomSet.of(A);
        Limit two = new Limit(100, 2_999);
        assertThat(read(store, rooms, MessageId.MIN, two).messages()).isEqualTo(a.subList(0, 2));
        assertThat(read(store, rooms, MessageId.MIN, two).complete()).isFalse();
        assertThat(read(store, rooms, a.get(2).id(), two).complete()).isTrue();
        assertThat(store.readBefore(rooms, MessageId.MAX, two)).isEqualTo(a.subList(3, 5));
        assertThat(store.readLog(MessageId.MIN, two)).isEqualTo(a.subList(0, 2));
        Limit tiny = new Limit(100, 1);
        assertThat(read(store, rooms, MessageId.MIN, tiny).messages()).isEqualTo(a.subList(0, 1));
        assertThat(store.readBefore(rooms, MessageId.MAX, tiny)).isEqualTo(a.subList(4, 5));
        assertThat(store.readLog(MessageId.MIN, tiny)).isEqualTo(a.subList(0, 1));
    }

    @Test
    default void manyRoomsAreReadInLogOrder() {
        MessageStore store = open();
        List<Room> rooms = IntStream.range(0, RoomSet.MAX_ROOMS)
                .mapToObj(i -> new Room("r" + i))
                .toList();
        List<Message> all = IntStream.range(0, 500)
                .mapToObj(i -> publish(store, rooms.get(i * 7 % 64), "" + i))
                .toList();
        publishAll(store, A, 5);
        RoomSet set = RoomSet.of(rooms);
        assertThat(read(store, set, all.get(9).id(), new Limit(400, 1 << 20)).messages())
                .isEqualTo(all.subList(10, 410));
        assertThat(store.readBefore(set, all.get(450).id(), new Limit(100, 1 << 20)))
                .isEqualTo(all.subList(350, 450));
        assertThat(store.startOfLast(set, 200)).isEqualTo(all.get(299).id());
    }

    @Test
    default void readBeforeReturnsTheNearestMessagesInIdOrder() {
        MessageStore store = open();
        List<Message> a = publishAll(store, A, 10);
        Message b = publish(store, B, "b");
        RoomSet rooms = RoomSet.of(A);
        assertThat(store.readBefore(rooms, a.get(7).id(), new Limit(3, 1 << 20)))
                .isEqualTo(a.subList(4, 7));
        assertThat(store.readBefore(rooms, MessageId.MAX, new Limit(3, 1 << 20)))
                .isEqualTo(a.subList(7, 10));
        assertThat(store.readBefore(RoomSet.of(A, B), MessageId.MAX, new Limit(2, 1 << 20)))
                .containsExactly(a.get(9), b);
        assertThat(store.readBefore(rooms, b.id(), Limit.PAGE)).isEqualTo(a);
        assertThat(store.readBefore(rooms, a.get(0).id(), Limit.PAGE)).isEmpty();
    }

    @Test
    default void readLogReturnsMessagesOfAllRooms() {
        MessageStore store = open();
        Message first = publish(store, A, "1");
        Message second = publish(store, B, "2");
        store.beginLease(NODE, MessageStore.MAX_LEASE);
        store.append(NODE, List.of(join(A, ANN)));
        List<Message> news = store.readLog(first.id(), Limit.PAGE);
        assertThat(news).hasSize(2).startsWith(second);
        assertThat(news.get(1).type()).isEqualTo(Message.Type.JOIN);
        assertThat(store.readLog(MessageId.MIN, new Limit(1, 1 << 20))).containsExactly(first);
        assertThat(store.readLog(store.lastId(), Limit.PAGE)).isEmpty();
    }

    @Test
    default void startOfLastReturnsTheCursorBeforeTheLastMessages() {
        MessageStore store = open();
        MessageId origin = store.lastId();
        List<Message> a = publishAll(store, A, 5);
        Message b = publish(store, B, "b");
        RoomSet both = RoomSet.of(A, B);
        assertThat(read(store, both, store.startOfLast(both, 3)).messages()).containsExactly(a.get(3), a.get(4), b);
        assertThat(store.startOfLast(both, 6)).isEqualTo(origin);
        assertThat(store.startOfLast(both, 1_000)).isEqualTo(origin);
        assertThat(store.startOfLast(both, 0)).isEqualTo(b.id());
        assertThat(store.startOfLast(RoomSet.of(A), 0)).isEqualTo(a.get(4).id());
        assertThat(store.startOfLast(RoomSet.of(EMPTY), 0)).isEqualTo(origin);
    }

    @Test
    default void startOfLastHasNoGap() {
        MessageStore store = open();
        publishAll(store, B, 3);
        List<Message> a = publishAll(store, A, 5);
        store.trim(new Retention(null, 3));
        RoomSet both = RoomSet.of(A, B);
        assertThat(store.startOfLast(RoomSet.of(A), 5)).isEqualTo(a.get(1).id());
        assertThat(store.startOfLast(both, 5)).isEqualTo(a.get(1).id());
        assertThat(store.startOfLast(both, 2)).isEqualTo(a.get(2).id());
    }

    @Test
    default void textOfEveryUnicodePlaneIsReadBackUnchanged() {
        MessageStore store = open();
        List<String> texts = new ArrayList<>(List.of(
                "'; drop table entry; --",
                "\"quoted\" \\back\\slash\\\\ %s {} :name ? ?? \\u0041",
                "\u202Eשלום עולם\u202C و\u200Dالسلام",
                "line\nline\r\n\ttab\u0001\u0085\u2028\u2029\uFEFF\uFFFF",
                "👩‍👩‍👧‍👦 e\u0301 ﷽ ",
                " ",
                "x".repeat(10_000),
                "€".repeat(3_333)));
        for (int plane = 0; plane <= 16; plane++) {
            texts.add(Character.toString(plane * 0x10000 + 0x1234) + Character.toString(plane * 0x10000 + 0xFFFD));
        }
        Nick nick = new Nick("ÄÖ 'O\\\"' 😀");
        List<Message> placed = texts.stream()
                .map(text -> placed(store.append(NODE, List.of(Draft.of(A, nick, text, null)))
                        .outcomes()
                        .get(0)))
                .toList();
        MessageStore again = reopen(store);
        assertThat(bodies(all(again, A))).isEqualTo(texts);
        assertThat(all(again, A))
                .isEqualTo(placed)
                .allSatisfy(m -> assertThat(m.nick()).isEqualTo(nick));
    }
}
