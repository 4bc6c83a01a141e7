package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Appended;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of ids and their order, including a clock that steps back. */
interface OrderContract extends StoreFixture {
    @Test
    default void idsIncreaseInCommitOrderAcrossAllRooms() {
        MessageStore store = open();
        List<MessageId> ids = new ArrayList<>(List.of(store.lastId()));
        for (int i = 0; i < 20; i++) {
            ids.add(publish(store, A, "a" + i).id());
            ids.add(publish(store, B, "b" + i).id());
            clock().advance(Duration.ofMillis(i % 3));
        }
        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(store.lastId()).isEqualTo(ids.get(ids.size() - 1));
    }

    @Test
    default void anIdHasTheTimeOfItsAppend() {
        MessageStore store = open();
        clock().advance(Duration.ofSeconds(5));
        assertThat(publish(store, A, "now").createdAt()).isEqualTo(clock().instant());
    }

    @Test
    default void draftsOfABatchGetIdsInTheirOrder() {
        MessageStore store = open();
        List<Draft> drafts = IntStream.range(0, 300)
                .mapToObj(i -> Draft.of(i % 2 == 0 ? A : B, "" + i))
                .toList();
        MessageId before = store.lastId();
        Appended appended = store.append(NODE, drafts);
        assertThat(appended.previous()).isEqualTo(before);
        List<Message> placed =
                appended.outcomes().stream().map(StoreCalls::placed).toList();
        assertThat(placed)
                .extracting(Message::body)
                .containsExactlyElementsOf(drafts.stream().map(Draft::body).toList());
        assertThat(placed).extracting(Message::id).isSorted().doesNotHaveDuplicates();
        assertThat(all(store, A, B)).isEqualTo(placed);
    }

    @Test
    default void idsIncreaseWhenTheClockStepsBackByAnHour() {
        MessageStore store = open();
        Message before = publish(store, A, "before");
        clock().advance(Duration.ofHours(-1));
        Message after = publish(store, B, "after");
        assertThat(after.id()).isEqualTo(before.id().next());
        assertThat(bodies(all(store, A, B))).containsExactly("before", "after");
    }

    @Test
    default void idsIncreaseWhenAClockAnHourAheadComesBack() {
        MessageStore store = open();
        publish(store, A, "first");
        clock().advance(Duration.ofHours(1));
        Message ahead = publish(store, A, "ahead");
        clock().advance(Duration.ofHours(-1));
        for (int i = 0; i < 10; i++) {
            publish(store, A, "back" + i);
            clock().advance(Duration.ofMinutes(7));
        }
        List<Message> all = all(store, A);
        assertThat(all).hasSize(12).extracting(Message::id).isSorted().doesNotHaveDuplicates();
        assertThat(all.get(2).id()).isEqualTo(ahead.id().next());
        assertThat(all.get(11).createdAt()).isAfter(ahead.createdAt());
    }

    @Test
    default void orderIsUnsigned() {
        clock().set(Instant.ofEpochMilli((1L << 47) - 1));
        MessageStore store = open();
        MessageId signedPositive = publish(store, A, "below").id();
        clock().advance(Duration.ofMillis(1));
        MessageId signedNegative = publish(store, A, "above").id();
        assertThat(signedNegative.high()).isNegative();
        assertThat(signedNegative.isAfter(signedPositive)).isTrue();
        publish(store, B, "third");

        assertThat(bodies(all(store, A, B))).containsExactly("below", "above", "third");
        assertThat(bodies(store.readLog(signedPositive, Limit.PAGE))).containsExactly("above", "third");
        assertThat(bodies(store.readBefore(RoomSet.of(A, B), signedNegative, Limit.PAGE)))
                .containsExactly("below");
        assertThat(store.startOfLast(RoomSet.of(A), 1)).isEqualTo(signedPositive);
        assertThat(store.trim(new Retention(null, 1))).isEqualTo(Map.of(A, signedPositive));
        assertThat(store.trimmedThrough(RoomSet.of(A))).isEqualTo(signedPositive);
        assertThat(store.floor(MessageId.MAX)).isEqualTo(store.lastId());
    }
}
