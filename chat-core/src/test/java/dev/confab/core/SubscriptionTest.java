package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A subscription from its start to its last call. {@link CatchUpTest} covers readers that are slow or far behind. */
@Timeout(30)
class SubscriptionTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final RoomSet ONLY_A = RoomSet.of(A);

    private final ScriptedStore store = new ScriptedStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        chat.close();
        loop.shutdown();
    }

    @Test
    void publishedMessagesAreDelivered() {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        subscribe(ONLY_A, Start.LATEST, reader);
        publish(A, "1");
        publish(B, "not for it");
        publish(A, "2");
        assertThat(reader.awaitBodies(2)).containsExactly("1", "2");
        reader.assertExhausted();
    }

    @Test
    void aLateJoinerMissesNothing() {
        publish(A, "1");
        publish(A, "2");
        SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
        subscribe(ONLY_A, Start.EARLIEST, reader);
        publish(A, "3");
        assertThat(reader.awaitBodies(3)).containsExactly("1", "2", "3");
        reader.assertExhausted();
    }

    @Test
    void everyIdResumesExactly() {
        List<Entry> all = IntStream.range(0, 40)
                .mapToObj(i -> publish(i % 3 == 0 ? B : A, "" + i))
                .toList();
        for (int i = 0; i < all.size(); i++) {
            MessageId cursor = all.get(i).id();
            SubscriberRecorder reader = new SubscriberRecorder(cursor);
            Subscription subscription = subscribe(RoomSet.of(A, B), Start.after(cursor), reader);
            assertThat(reader.awaitEntries(all.size() - i - 1))
                    .extracting(Entry::id)
                    .isEqualTo(all.subList(i + 1, all.size()).stream()
                            .map(Entry::id)
                            .toList());
            reader.assertExhausted();
            subscription.close();
        }
    }

    @Test
    void latestDeliversOnlyNewMessages() {
        publish(A, "before");
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        subscribe(ONLY_A, Start.LATEST, reader);
        publish(A, "after");
        assertThat(reader.awaitBodies(1)).containsExactly("after");
    }

    @Test
    void lastIsCountedFromTheEnd() {
        IntStream.range(0, 10).forEach(i -> publish(i % 2 == 0 ? A : B, "" + i));
        assertThat(bodiesFrom(ONLY_A, Start.last(2), 2)).containsExactly("6", "8");
        assertThat(bodiesFrom(RoomSet.of(A, B), Start.last(3), 3)).containsExactly("7", "8", "9");
        assertThat(bodiesFrom(ONLY_A, Start.last(1_000), 5)).containsExactly("0", "2", "4", "6", "8");
        assertThat(bodiesFrom(ONLY_A, Start.last(0), 0)).isEmpty();
    }

    @Test
    void severalRoomsAreDeliveredInLogOrder() {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        subscribe(RoomSet.of(B, A), Start.LATEST, reader);
        IntStream.range(0, 100).forEach(i -> publish(i % 7 < 3 ? A : B, "" + i));
        assertThat(reader.awaitEntries(100))
                .extracting(Entry::message)
                .isEqualTo(store.log().entries());
    }

    @Test
    void theCursorIsTheLastDeliveredId() {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        assertThat(subscription.cursor()).isEqualTo(store.log().start());
        Entry entry = publish(A, "1");
        reader.awaitEntries(1);
        assertThat(subscription.cursor()).isEqualTo(entry.id());
    }

    @Test
    void thereIsNoCallAfterClose() throws Exception {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        publish(A, "1");
        reader.awaitEntries(1);
        loop.submit(subscription::close).get();
        subscription.close();
        publish(A, "2");
        subscription.resume();
        chat.close();
        settle();
        reader.assertExhausted();
    }

    @Test
    void aSubscriptionCanBeClosedDuringACall() throws Exception {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        reader.react(delivery -> subscription.close());
        publish(A, "1");
        reader.awaitEntries(1);
        publish(A, "2");
        settle();
        reader.assertExhausted();
    }

    @Test
    void onlyTheSubscriberThatThrowsIsClosed() throws Exception {
        SubscriberRecorder thrower = new SubscriberRecorder(chat.head());
        SubscriberRecorder other = new SubscriberRecorder(chat.head());
        subscribe(ONLY_A, Start.LATEST, thrower);
        subscribe(ONLY_A, Start.LATEST, other);
        thrower.react(delivery -> {
            throw new IllegalStateException("a fault, on purpose");
        });
        publish(A, "1");
        thrower.awaitEntries(1);
        publish(A, "2");
        assertThat(other.awaitBodies(2)).containsExactly("1", "2");
        chat.close();
        other.awaitClose();
        settle();
        thrower.assertExhausted();
    }

    @Test
    void closingTheServiceMakesTheLastCall() throws Exception {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        SubscriberRecorder slow = new SubscriberRecorder(chat.head());
        slow.ready(false);
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        subscribe(ONLY_A, Start.LATEST, slow);
        publish(A, "1");
        reader.awaitEntries(1);
        chat.close();
        reader.awaitClose();
        slow.awaitClose();
        chat.close();
        subscription.resume();
        settle();
        reader.assertExhausted();
    }

    @Test
    void anExecutorThatIsShutDownEndsItsSubscription() {
        ExecutorService ended = Executors.newSingleThreadExecutor();
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        SubscriberRecorder other = new SubscriberRecorder(chat.head());
        chat.subscribe(ONLY_A, Start.LATEST, ended, reader).join();
        subscribe(ONLY_A, Start.LATEST, other);
        // Waits for the subscription's first task, because an executor that is shut down still runs its queued tasks.
        CompletableFuture.runAsync(() -> {}, ended).join();
        ended.shutdown();
        publish(A, "1");
        other.awaitEntries(1);
        reader.assertExhausted();
    }

    @Test
    void manySubscribersGetTheSameBytes() {
        List<SubscriberRecorder> readers = IntStream.range(0, 50)
                .mapToObj(i -> new SubscriberRecorder(chat.head()))
                .toList();
        readers.forEach(r -> subscribe(ONLY_A, Start.LATEST, r));
        byte[] json = publish(A, "1").json();
        assertThat(readers)
                .allSatisfy(r -> assertThat(r.awaitEntries(1).get(0).json()).isSameAs(json));
    }

    private List<String> bodiesFrom(RoomSet rooms, Start start, int count) {
        SubscriberRecorder reader = new SubscriberRecorder();
        try (Subscription subscription = subscribe(rooms, start, reader)) {
            List<String> bodies = reader.awaitBodies(count);
            subscription.resume();
            return bodies;
        } finally {
            reader.assertExhausted();
        }
    }

    private Subscription subscribe(RoomSet rooms, Start start, SubscriberRecorder reader) {
        return chat.subscribe(rooms, start, loop, reader)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private Entry publish(Room room, String body) {
        return chat.publish(Draft.of(room, body))
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .entry();
    }

    /** Waits until the tasks that were started on the loop have ended. */
    private void settle() throws Exception {
        for (int i = 0; i < 3; i++) {
            loop.submit(() -> {}).get();
        }
    }
}
