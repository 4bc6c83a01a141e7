package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.EMPTY;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.placed;
import static dev.confab.core.StoreCalls.publish;
import static dev.confab.core.StoreCalls.publishAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.core.MessageStore.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that a durable log keeps its contents when its store is reopened, and that a closed store is unavailable. */
interface LifeContract extends StoreFixture {
    @Test
    default void reopeningKeepsEverything() {
        assumeTrue(isDurable(), "this log ends with its store");
        MessageStore store = open();
        publishAll(store, A, 5);
        store.trim(new Retention(null, 3));
        Draft keyed = Draft.of(B, ANN, "b", "k");
        Message b = placed(append(store, keyed));
        List<Message> all = all(store, A, B);
        MessageId mark = store.trimmedThrough(RoomSet.of(A));
        MessageId origin = store.trimmedThrough(RoomSet.of(EMPTY));
        store.close();

        MessageStore again = open();
        assertThat(all(again, A, B)).isEqualTo(all);
        assertThat(again.lastId()).isEqualTo(b.id());
        assertThat(again.trimmedThrough(RoomSet.of(A))).isEqualTo(mark);
        assertThat(again.trimmedThrough(RoomSet.of(EMPTY))).isEqualTo(origin);
        assertThat(append(again, keyed)).isEqualTo(new Outcome.Known(b));
        assertThat(publish(again, A, "more").id().isAfter(b.id())).isTrue();
    }

    @Test
    default void closedStoreIsUnavailable() {
        MessageStore store = open();
        store.close();
        store.close();
        RoomSet rooms = RoomSet.of(A);
        List<Runnable> calls = List.of(
                store::lastId,
                () -> store.append(NODE, List.of(Draft.of(A, "late"))),
                () -> store.readAfter(rooms, MessageId.MIN, MessageId.MAX, Limit.PAGE),
                () -> store.readBefore(rooms, MessageId.MAX, Limit.PAGE),
                () -> store.readLog(MessageId.MIN, Limit.PAGE),
                () -> store.startOfLast(rooms, 1),
                () -> store.floor(MessageId.MAX),
                () -> store.trimmedThrough(rooms),
                () -> store.participants(A),
                () -> store.beginLease(NODE, Duration.ofSeconds(1)),
                () -> store.renewLease(NODE, Duration.ofSeconds(1)),
                () -> store.expireNodes(NODE, false),
                () -> store.trim(Retention.FOREVER));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
        }
    }
}
