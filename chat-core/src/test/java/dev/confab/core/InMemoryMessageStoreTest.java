package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publish;
import static dev.confab.core.StoreCalls.publishAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InMemoryMessageStoreTest extends MessageStoreContract {
    private static final int BATCH = 4_096;

    @Override
    protected MessageStore open(InstantSource clock) {
        return new InMemoryMessageStore(clock, InMemoryMessageStore.DEFAULT_MAX_BYTES);
    }

    @Override
    public boolean isDurable() {
        return false;
    }

    @Test
    void theStoreDoesNotBlock() {
        assertThat(open().isBlocking()).isFalse();
        assertThat(open().isShared()).isFalse();
    }

    /** Retention did not cause the gap: the cursor belongs to another log, and no message of this log is missing. */
    @Test
    void aCursorFromBeforeARestartGetsAReplacedGapAndAllNewMessages() {
        MessageId cursor = publish(open(), A, "before the restart").id();
        clock().advance(Duration.ofSeconds(1));
        MessageStore restarted = open();
        try (ChatService chat = new ChatService(restarted, ChatConfig.defaults())) {
            MessageId origin = chat.head();
            MessageId first =
                    chat.publish(Draft.of(A, "after it")).join().entry().id();
            Position position = chat.locate(RoomSet.of(A), Start.after(cursor)).join();
            assertThat(position.gap()).isEqualTo(new Gap(Gap.Cause.REPLACED, origin));
            assertThat(first.isAfter(position.cursor())).isTrue();
        }
    }

    @Test
    void maxBytesIsAtLeastOne() {
        assertThatThrownBy(() -> new InMemoryMessageStore(clock(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBytes: 0 (expected: 1 or more)");
    }

    @Test
    void theOldestMessagesOfTheWholeLogAreRemovedWhenMaxBytesIsExceeded() {
        try (MessageStore store = new InMemoryMessageStore(clock(), 10_000)) {
            MessageId origin = store.lastId();
            Message first = publish(store, B, "x");
            List<Message> a = IntStream.range(0, 20)
                    .mapToObj(i -> publish(store, A, "y".repeat(372)))
                    .toList();
            // With the first message (258 bytes) the two rooms (512 bytes each) would take 1,282 bytes. Each message of
            // a takes 1,000 bytes.
            assertThat(all(store, A)).isEqualTo(a.subList(11, 20));
            assertThat(all(store, B)).isEmpty();
            assertThat(store.trimmedThrough(RoomSet.of(B))).isEqualTo(first.id());
            assertThat(store.trimmedThrough(RoomSet.of(A))).isEqualTo(a.get(10).id());
            assertThat(store.trimmedThrough(RoomSet.of(new Room("c")))).isEqualTo(origin);
            assertThat(store.readLog(MessageId.MIN, Limit.PAGE)).isEqualTo(a.subList(11, 20));
        }
    }

    @Test
    void theNewestMessageStaysEvenIfItExceedsMaxBytes() {
        try (MessageStore store = new InMemoryMessageStore(clock(), 1)) {
            publish(store, A, "first");
            publish(store, B, "second");
            assertThat(bodies(all(store, A, B))).containsExactly("second");
        }
    }

    @Test
    void aQuietRoomKeepsItsMessagesWhileABusyRoomIsTrimmed() {
        MessageStore store = open();
        Message quiet = publish(store, B, "quiet");
        for (int i = 0; i < 50; i++) {
            publishAll(store, A, 100);
            store.trim(new Retention(null, 10));
        }
        assertThat(all(store, B)).containsExactly(quiet);
        assertThat(all(store, A)).hasSize(10);
        assertThat(store.readLog(MessageId.MIN, Limit.PAGE)).hasSize(11).startsWith(quiet);
        clock().advance(Duration.ofDays(1));
        store.trim(new Retention(Duration.ofHours(1), null));
        assertThat(store.readLog(MessageId.MIN, Limit.PAGE)).isEmpty();
    }

    @Test
    void theOldestKeysAreForgottenWhenThereAreTooMany() {
        MessageStore store = open();
        int tooMany = InMemoryMessageStore.MAX_KEYS + 1;
        for (int from = 0; from < tooMany; from += BATCH) {
            store.append(
                    StoreCalls.NODE,
                    IntStream.range(from, Math.min(from + BATCH, tooMany))
                            .mapToObj(i -> Draft.of(A, null, "x", "key" + i))
                            .toList());
        }
        assertThat(StoreCalls.append(store, Draft.of(A, null, "x", "key" + (tooMany - 1))))
                .isInstanceOf(MessageStore.Outcome.Known.class);
        assertThat(StoreCalls.append(store, Draft.of(A, null, "x", "key0")))
                .isInstanceOf(MessageStore.Outcome.Placed.class);
    }
}
