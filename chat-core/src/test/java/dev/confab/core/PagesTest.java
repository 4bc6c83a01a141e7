package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PagesTest {
    private static final Room A = new Room("a");

    private final Tail tail = new Tail(TailTest.id(0), 1 << 20);
    private final Pages pages = new Pages(tail);

    @Test
    void thePageThatWasReadFirstIsRemovedWhenThePagesAreFull() {
        for (int i = 0; i < 1_000; i++) {
            put(i);
            assertThat(pages.bytes()).isLessThanOrEqualTo(Pages.MAX_BYTES);
            assertThat(get(i)).isNotNull();
        }
        assertThat(pages.bytes()).isGreaterThan(Pages.MAX_BYTES / 2);
        assertThat(get(0)).isNull();
        assertThat(get(990)).isNotNull();
    }

    @Test
    void aPageThatIsReplacedIsCountedOnce() {
        put(1);
        long once = pages.bytes();
        put(1);
        assertThat(pages.bytes()).isEqualTo(once);
    }

    @Test
    void aPageIsRemovedByTheSecondSweepAfterItWasRead() {
        put(1);
        pages.sweep();
        put(2);
        pages.sweep();
        assertThat(get(1)).isNull();
        assertThat(get(2)).isNotNull();
        pages.sweep();
        assertThat(get(2)).isNull();
        assertThat(pages.bytes()).isZero();
    }

    @Test
    void aPageThatReachesTheHeadIsUsedUntilTheHeadMoves() {
        pages.put(key(1), batch(1), tail.head(), tail.trims());
        assertThat(get(1)).isNotNull();
        tail.append(List.of(TailTest.entry(5, A)), Map.of());
        assertThat(get(1)).isNull();
    }

    @Test
    void aPageIsUsedUntilRetentionRemovesMessages() {
        put(1);
        tail.trim(Map.of());
        assertThat(get(1)).isNotNull();
        tail.trim(Map.of(A, TailTest.id(1)));
        assertThat(get(1)).isNull();
    }

    private void put(int number) {
        pages.put(key(number), batch(number), null, tail.trims());
    }

    private Batch get(int number) {
        return pages.get(key(number));
    }

    private static Pages.Key key(int number) {
        return new Pages.Key(RoomSet.of(A), TailTest.id(number), Limit.WRITE);
    }

    private static Batch batch(int number) {
        Message message = new Message(Message.Type.MESSAGE, TailTest.id(number + 1), A, null, "x".repeat(10_000));
        return new Batch(TailTest.id(number), message.id(), List.of(Entry.of(message)));
    }
}
