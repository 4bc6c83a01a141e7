package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that are slow, late or far behind read from the store until they reach the tail, and get each entry once. */
@Timeout(30)
class CatchUpTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final RoomSet ONLY_A = RoomSet.of(A);

    /** The tail of this configuration holds about ten entries. */
    private static final ChatConfig SMALL = ChatConfig.defaults().withTailBytes(8_000);

    private final ScriptedStore store = new ScriptedStore();
    private final ChatService chat = new ChatService(store, SMALL);
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        chat.close();
        loop.shutdown();
    }

    @Test
    void aSlowReaderGetsEachEntryOnceFromTheStore() throws Exception {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        publish(A, "first");
        reader.awaitEntries(1);
        // The loop may have found the reader ready just before the change, and would then still deliver.
        settle();

        reader.ready(false);
        publishMany(A, 3_000);
        settle();
        reader.assertExhausted();
        assertThat(store.pages()).as("nothing is read for who is not ready").isZero();

        reader.ready(true);
        subscription.resume();
        assertThat(reader.awaitBodies(3_000)).isEqualTo(numbers(3_000));
        assertThat(store.pages()).isGreaterThanOrEqualTo(3);
        publish(A, "live again");
        assertThat(reader.awaitBodies(1)).containsExactly("live again");
        reader.assertExhausted();
    }

    @Test
    void aReaderThatIsReadyFromTimeToTimeGetsOneWriteEachTime() throws Exception {
        publishLarge(40);
        SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
        reader.react(delivery -> reader.ready(false));
        Subscription subscription = subscribe(ONLY_A, Start.EARLIEST, reader);
        int got = 0;
        int visits = 0;
        while (got < 40) {
            got += reader.awaitEntries(1).size();
            settle();
            int rest = reader.size();
            assertThat(1 + rest).as("entries of 10,000 bytes in one write").isLessThanOrEqualTo(6);
            got += reader.awaitEntries(rest).size();
            visits++;
            reader.ready(true);
            subscription.resume();
        }
        assertThat(visits).isGreaterThanOrEqualTo(7);
        settle();
        reader.assertExhausted();
    }

    @Test
    void aLateJoinerGoesFromTheStoreToTheTailWhileOthersPublish() {
        publishMany(A, 500);
        List<SubscriberRecorder> readers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
            readers.add(reader);
            subscribe(ONLY_A, Start.EARLIEST, reader);
            publishMany(A, 50);
        }
        for (SubscriberRecorder reader : readers) {
            assertThat(reader.awaitEntries(1_000))
                    .extracting(Entry::message)
                    .isEqualTo(store.log().entries());
            reader.assertExhausted();
        }
    }

    @Test
    void anEmptyPageIsNotDelivered() {
        publish(A, "1");
        publishMany(B, 100);
        MessageId start = store.log().entries().get(0).id();
        SubscriberRecorder reader = new SubscriberRecorder(start);
        Subscription subscription = subscribe(ONLY_A, Start.after(start), reader);
        while (!subscription.cursor().equals(chat.head())) {
            Thread.onSpinWait();
        }
        publish(A, "2");
        assertThat(reader.awaitBodies(1)).containsExactly("2");
        reader.assertExhausted();
    }

    @Test
    void messagesCommittedWhileAPageIsReadFollowThePage() {
        publishMany(A, 100);
        Gate page = store.holdPages();
        SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
        subscribe(ONLY_A, Start.EARLIEST, reader);
        page.awaitEntered();
        publish(A, "meanwhile");
        page.open();
        reader.awaitEntries(100);
        assertThat(reader.awaitBodies(1)).containsExactly("meanwhile");
        reader.assertExhausted();
    }

    @Test
    void aCommittedMessageThatIsNotYetDurableIsNotRead() {
        publishMany(A, 100);
        Gate sync = store.holdAfterCommit();
        java.util.concurrent.CompletableFuture<Published> pending = chat.publish(Draft.of(A, "pending"));
        sync.awaitEntered();

        SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
        subscribe(ONLY_A, Start.EARLIEST, reader);
        assertThat(reader.awaitBodies(100)).isEqualTo(numbers(100));
        Feed feed = chat.feed(ONLY_A, Runnable::run, () -> {});
        Delivery page = feed.load(store.log().start(), Limit.PAGE).join();
        assertThat(page.to()).isEqualTo(chat.head());
        Batch newest = chat.before(ONLY_A, MessageId.MAX, Limit.PAGE).join();
        assertThat(newest.entries()).hasSize(100);
        assertThat(newest.to()).isEqualTo(chat.head());
        assertThat(chat.locate(ONLY_A, Start.last(0)).join().cursor()).isEqualTo(chat.head());
        reader.assertExhausted();

        sync.open();
        pending.join();
        assertThat(reader.awaitBodies(1)).containsExactly("pending");
        feed.close();
    }

    @Test
    void trimmedMessagesAreAnnouncedAsAGap() {
        List<Message> log = publishMany(A, 200);
        MessageId cursor = log.get(10).id();
        MessageId through = log.get(150).id();
        store.log().trim(A, through);
        SubscriberRecorder reader = new SubscriberRecorder();
        subscribe(ONLY_A, Start.after(cursor), reader);
        assertThat(reader.awaitGap()).isEqualTo(new Gap(Gap.Cause.TRIMMED, through));
        assertThat(reader.awaitBodies(49)).isEqualTo(numbers(200).subList(151, 200));
        reader.assertExhausted();
    }

    @Test
    void messagesTrimmedWhileAReaderWasSlowAreAnnouncedAsAGap() {
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        reader.ready(false);
        Subscription subscription = subscribe(ONLY_A, Start.LATEST, reader);
        List<Message> log = publishMany(A, 200);
        store.log().trim(A, log.get(99).id());
        reader.ready(true);
        subscription.resume();
        assertThat(reader.awaitGap().to()).isEqualTo(log.get(99).id());
        assertThat(reader.awaitBodies(100)).isEqualTo(numbers(200).subList(100, 200));
        reader.assertExhausted();
    }

    @Test
    void aTrimOfAnotherRoomCausesNoGap() {
        publishMany(B, 100);
        MessageId start = publish(A, "1").id();
        publishMany(B, 100);
        store.log().trim(B, store.lastId());
        publish(A, "2");
        SubscriberRecorder reader = new SubscriberRecorder(start);
        subscribe(ONLY_A, Start.after(start), reader);
        assertThat(reader.awaitBodies(1)).containsExactly("2");
        reader.assertExhausted();
    }

    @Test
    void startingAtTheEarliestMessageCausesNoGap() {
        List<Message> log = publishMany(A, 200);
        store.log().trim(A, log.get(150).id());
        SubscriberRecorder reader = new SubscriberRecorder(log.get(150).id());
        subscribe(ONLY_A, Start.EARLIEST, reader);
        assertThat(reader.awaitEntries(49)).hasSize(49);
        reader.assertExhausted();
    }

    @Test
    void aCursorOfAnotherLogIsAnnouncedAsAGap() {
        publishMany(A, 20);
        MessageId head = chat.head();
        MessageId foreign = store.log().entries().get(7).id().next();
        MessageId below = store.log().entries().get(7).id();

        SubscriberRecorder between = new SubscriberRecorder();
        subscribe(ONLY_A, Start.after(foreign), between);
        assertThat(between.awaitGap()).isEqualTo(new Gap(Gap.Cause.REPLACED, below));
        assertThat(between.awaitEntries(12)).hasSize(12);

        SubscriberRecorder above = new SubscriberRecorder();
        subscribe(ONLY_A, Start.after(MessageId.MAX), above);
        assertThat(above.awaitGap()).isEqualTo(new Gap(Gap.Cause.REPLACED, head));
        publish(A, "next");
        assertThat(above.awaitBodies(1)).containsExactly("next");
        above.assertExhausted();
    }

    @Test
    void aPageThatCannotBeReadIsReadLater() {
        publishMany(A, 100);
        SubscriberRecorder reader = new SubscriberRecorder(store.log().start());
        MessageId start = store.log().start();
        Position position = chat.locate(ONLY_A, Start.after(start)).join();
        assertThat(position).isEqualTo(new Position(start, null));
        Gate page = store.holdPages();
        subscribe(ONLY_A, Start.EARLIEST, reader);
        page.awaitEntered();
        store.failReads(2);
        page.open();
        assertThat(reader.awaitBodies(100)).isEqualTo(numbers(100));
        reader.assertExhausted();
    }

    @Test
    void aStartThatCannotBeFoundIsAnError() {
        publishMany(A, 100);
        store.failReads(1);
        assertThat(PublishTest.reason(chat.subscribe(ONLY_A, Start.EARLIEST, loop, new SubscriberRecorder())))
                .isEqualTo(Reason.UNAVAILABLE);
        store.failReads(1);
        assertThat(chat.health().join()).isNotEqualTo(Health.OK);
        assertThat(chat.health().join()).isEqualTo(Health.OK);
    }

    @Test
    void equalLoadsShareOneRead() {
        publishMany(A, 100);
        Gate page = store.holdPages();
        Feed feed = chat.feed(ONLY_A, Runnable::run, () -> {});
        MessageId start = store.log().start();
        List<java.util.concurrent.CompletableFuture<Delivery>> loads = IntStream.range(0, 50)
                .mapToObj(i -> feed.load(start, Limit.WRITE))
                .toList();
        page.open();
        loads.forEach(load -> assertThat(load.join().to()).isEqualTo(chat.head()));
        assertThat(store.pages()).isEqualTo(1);
        feed.close();
    }

    @Test
    void equalLoadsOfSeveralFeedsShareOneRead() {
        publishMany(A, 100);
        Gate page = store.holdPages();
        MessageId start = store.log().start();
        List<java.util.concurrent.CompletableFuture<Delivery>> loads = IntStream.range(0, 50)
                .mapToObj(i -> chat.feed(ONLY_A, Runnable::run).load(start, Limit.WRITE))
                .toList();
        page.open();
        List<Delivery> loaded = loads.stream().map(load -> load.join()).toList();
        Delivery later =
                chat.feed(ONLY_A, Runnable::run).load(start, Limit.WRITE).join();
        assertThat(store.pages()).isEqualTo(1);
        assertThat(loaded).hasSize(50).allMatch(delivery -> delivery == later);
    }

    @Test
    void aPageThatReachedTheHeadIsReadAgainAfterACommit() {
        publishMany(A, 100);
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        MessageId start = store.log().start();
        assertThat(entries(feed.load(start, Limit.PAGE))).hasSize(100);
        publish(A, "100");
        assertThat(entries(feed.load(start, Limit.PAGE))).hasSize(101);
    }

    @Test
    void aReadThatBeganBeforeACommitIsNotSharedAfterIt() {
        publishMany(A, 100);
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        Gate page = store.holdPages();
        java.util.concurrent.CompletableFuture<Delivery> before =
                feed.load(store.log().start(), Limit.PAGE);
        page.awaitEntered();
        publish(A, "100");
        java.util.concurrent.CompletableFuture<Delivery> after =
                feed.load(store.log().start(), Limit.PAGE);
        page.open();
        assertThat(entries(before)).hasSize(100);
        assertThat(entries(after)).hasSize(101);
    }

    @Test
    void aFullPageIsReadOnceThoughTheHeadMoves() {
        publishMany(A, 100);
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        Limit half = new Limit(50, 1 << 20);
        MessageId start = store.log().start();
        List<Entry> first = entries(feed.load(start, half));
        publish(A, "100");
        assertThat(entries(feed.load(start, half))).isEqualTo(first).hasSize(50);
        assertThat(store.pages()).isEqualTo(1);
    }

    @Test
    void aLoadOfAPageAlsoServesTheFirstWriteOfThePage() {
        publishLarge(40);
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        MessageId start = store.log().start();
        List<Entry> page = entries(feed.load(start, Limit.PAGE));
        List<Entry> write = entries(feed.load(start, Limit.WRITE));
        assertThat(store.pages()).isEqualTo(1);
        assertThat(write).hasSizeBetween(5, 6).isEqualTo(page.subList(0, write.size()));
    }

    @Test
    void noPageIsSharedAfterRetentionHasRemovedMessages() {
        ManualTimer timer = new ManualTimer();
        ChatConfig oneEntry = SMALL.withRetention(new Retention(null, 1), java.time.Duration.ofMinutes(1));
        try (ChatService trimming = timer.start(ScriptedStore.directOn(store.log()), oneEntry)) {
            IntStream.range(0, 100)
                    .forEach(i -> trimming.publish(Draft.of(A, "" + i)).join());
            Feed feed = trimming.feed(ONLY_A, Runnable::run);
            Limit half = new Limit(50, 1 << 20);
            MessageId start = store.log().start();
            assertThat(entries(feed.load(start, half))).hasSize(50);
            timer.runAll();
            assertThat(feed.load(start, half).join()).isInstanceOf(Gap.class);
        }
    }

    @Test
    void aStartIsFoundWhileManyPagesWaitForTheStore() {
        List<Message> log = publishMany(A, 100);
        Gate page = store.holdPages();
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        List<java.util.concurrent.CompletableFuture<Delivery>> loads = log.subList(0, 20).stream()
                .map(m -> feed.load(m.id(), Limit.WRITE))
                .toList();
        page.awaitEntered();
        assertThat(chat.locate(ONLY_A, Start.EARLIEST)
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join())
                .isEqualTo(Position.at(store.log().start()));
        page.open();
        loads.forEach(load -> assertThat(load.join().to()).isEqualTo(chat.head()));
    }

    private static List<Entry> entries(java.util.concurrent.CompletableFuture<Delivery> load) {
        return ((Batch) load.join()).entries();
    }

    private List<Message> publishMany(Room room, int count) {
        List<java.util.concurrent.CompletableFuture<Published>> answers = IntStream.range(0, count)
                .mapToObj(i -> chat.publish(Draft.of(room, "" + i)))
                .toList();
        return answers.stream().map(a -> a.join().entry().message()).toList();
    }

    private void publishLarge(int count) {
        IntStream.range(0, count).forEach(i -> publish(A, "x".repeat(10_000)));
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> "" + i).toList();
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

    private void settle() throws Exception {
        for (int i = 0; i < 3; i++) {
            loop.submit(() -> {}).get();
        }
    }
}
