package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Batch;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Limit;
import dev.confab.core.ManualTimer;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Retention;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.ScriptedLog;
import dev.confab.core.ScriptedStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fan-out on an event loop that the test runs, with a clock that the test moves. */
class FanOutTest {
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final MockTicker ticker = Ticker.newMockTicker();
    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
    private final List<RecordingReader> readers = new ArrayList<>();
    private final List<String> published = new ArrayList<>();
    private ChatService chat = new ChatService(store, ChatConfig.defaults());
    private FanOut<Reader> fanOut = fanOut(FanOutConfig.defaults());

    @AfterEach
    void end() {
        readers.forEach(Reader::leave);
        run();
        chat.close();
        store.close();
    }

    @Test
    void everyReaderGetsEveryEntryOnceAndInOrder() {
        join(100, chat.head());
        for (int i = 0; i < 500; i++) {
            publish();
            if (i % 7 == 0) {
                loop.runNow();
            }
        }
        run();
        assertAllGotAll();
    }

    @Test
    void aBatchForReadersAtOneCursorIsEncodedOnce() {
        join(1_000, chat.head());
        publish();
        run();
        assertThat(fanOut.encodes()).isEqualTo(1);
        assertAllGotAll();
    }

    @Test
    void readersWithOneViewShareTheirBytesAndGetNoWriteForEntriesThatAreLeftOut() {
        View messages = new View(LOBBY, IdFormat.ULID, true);
        for (int i = 0; i < 100; i++) {
            RecordingReader reader = new RecordingReader(channel());
            fanOut.join(reader, messages, chat.head());
            readers.add(reader);
        }
        chat.presence().arrive(LOBBY, new Nick("ann"));
        run();
        assertThat(fanOut.encodes()).isZero();
        assertThat(readers).allMatch(reader -> reader.writes == 0);
        // The cursor is after the join, so that the reader does not read it again.
        assertThat(readers).allMatch(reader -> reader.cursor().equals(chat.head()));

        publish();
        run();
        assertThat(fanOut.encodes()).isEqualTo(1);
        assertThat(readers).allMatch(reader -> reader.writes == 1);
        assertAllGotAll();
    }

    @Test
    void aReaderThatJoinsBeforeTheWakeUpGetsCommittedMessages() {
        MessageId start = chat.head();
        join(2, start);
        RecordingReader early = new RecordingReader(channel());
        publish();
        // The head has moved, and the loop has not run the wake-up yet.
        fanOut.join(early, LOBBY, start);
        assertThat(early.bodies).isEqualTo(published);
        readers.add(early);
        run();
        assertAllGotAll();
        assertThat(fanOut.encodes()).isEqualTo(1);
    }

    @Test
    void aWakeUpKeepsARangeThatReachesTheNewHeadAlready() {
        MessageId first = publish();
        publish();
        join(2, chat.head());
        RecordingReader early = new RecordingReader(channel());
        RecordingReader late = new RecordingReader(channel());
        publish();
        // The head has moved, and the loop has not run the wake-up yet.
        fanOut.join(early, LOBBY, first);
        assertThat(early.bodies).containsExactly("m1", "m2");
        assertThat(readers.get(0).bodies).isEmpty();

        run();
        assertThat(readers.get(0).bodies).containsExactly("m2");
        fanOut.join(late, LOBBY, first);
        assertThat(late.bodies).containsExactly("m1", "m2");
        assertThat(fanOut.encodes()).isEqualTo(2);

        publish();
        run();
        assertThat(early.bodies).containsExactly("m1", "m2", "m3");
        assertThat(late.bodies).containsExactly("m1", "m2", "m3");
        assertThat(fanOut.encodes()).isEqualTo(3);
        early.leave();
        late.leave();
    }

    /** A response that many polls share contains a date, and must not be sent with an old date. */
    @Test
    void bytesOlderThanTheirLifetimeAreEncodedAgain() {
        fanOut = new FanOut<>(chat, new Dated(), FanOutConfig.defaults());
        MessageId start = chat.head();
        publish();
        join(2, chat.head());
        assertThat(bodiesAfter(start)).containsExactly("m0");
        ticker.advanceMillis(1_000);
        assertThat(bodiesAfter(start)).containsExactly("m0");
        assertThat(fanOut.encodes()).isEqualTo(1);

        ticker.advanceMillis(1);
        assertThat(bodiesAfter(start)).containsExactly("m0");
        assertThat(bodiesAfter(start)).containsExactly("m0");
        assertThat(fanOut.encodes()).isEqualTo(2);
    }

    @Test
    void aMessagePublishedDuringATurnIsInTheBatchOfTheNextReaders() {
        join(100, chat.head());
        publish();
        readers.get(10).onWrite = this::publish;
        run();
        assertAllGotAll();
        // The readers after the end of the first turn got both messages at once.
        assertThat(readers.get(99).writes).isEqualTo(1);
    }

    @Test
    void aReaderThatIsNotWritableIsSkippedAndCatchesUpFromTheStore() {
        chat.close();
        chat = new ChatService(store, ChatConfig.defaults().withTailBytes(2_000));
        fanOut = fanOut(FanOutConfig.defaults());
        join(3, chat.head());
        RecordingReader slow = readers.get(1);
        slow.writable(false);
        for (int i = 0; i < 200; i++) {
            publish();
            run();
        }
        assertThat(slow.bodies).isEmpty();
        slow.writable(true);
        run();
        assertAllGotAll();
    }

    @Test
    void readersOfABatchFromTheStoreShareItsEncoding() {
        List<MessageId> starts = fillStore(200);
        join(100, starts.get(0));
        assertAllGot(200);
        assertThat(fanOut.encodes())
                .as("one batch from the store, one from memory")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void readersWithTheSameLimitOfTheirOwnShareAnEncoding() {
        List<MessageId> starts = fillStore(20);
        for (int i = 0; i < 100; i++) {
            RecordingReader reader = new RecordingReader(channel());
            reader.limit = new Limit(20, 1 << 20);
            readers.add(reader);
            fanOut.join(reader, LOBBY, starts.get(0));
        }
        run();
        assertAllGot(20);
        assertThat(fanOut.encodes())
                .as("one batch from the store, one from memory")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void encodedBatchesFromTheStoreAreForgottenAfterASecond() {
        List<MessageId> starts = fillStore(20);
        join(2, starts.get(0));
        long before = fanOut.encodes();
        join(2, starts.get(0));
        assertThat(fanOut.encodes()).isEqualTo(before);
        pass(1_000);
        join(2, starts.get(0));
        assertThat(fanOut.encodes()).isGreaterThan(before);
        assertAllGot(20);
    }

    @Test
    void encodedBatchesAreNotSharedAfterRetentionHasRemovedMessages() {
        chat.close();
        ManualTimer timer = new ManualTimer();
        chat = timer.start(store, ChatConfig.defaults().withRetention(new Retention(null, 1), Duration.ofMinutes(1)));
        fanOut = fanOut(FanOutConfig.defaults());
        MessageId start = publish();
        MessageId removed = publish();
        MessageId last = publish();
        join(2, start);
        assertThat(readers.get(0).bodies).containsExactly("m1", "m2");
        timer.runAll();
        RecordingReader late = new RecordingReader(channel());
        fanOut.join(late, LOBBY, start);
        run();
        assertThat(late.gaps).containsExactly(new Gap(Gap.Cause.TRIMMED, removed));
        assertThat(late.bodies).containsExactly("m2");
        assertThat(late.cursor()).isEqualTo(last);
        late.leave();
    }

    @Test
    void aReaderThatJoinsDoesNotWaitUntilAllOthersHaveTheirNextEntries() {
        for (int i = 0; i < 100; i++) {
            publish();
        }
        fanOut = fanOut(FanOutConfig.defaults().withLimit(new Limit(1, 1 << 20)));
        for (int i = 0; i < 20; i++) {
            readers.add(new RecordingReader(channel()));
        }
        RecordingReader fresh = new RecordingReader(channel());
        List<Integer> counts = new ArrayList<>();
        fresh.onWrite = () -> counts.add(writes());
        readers.get(19).onWrite = () -> {
            counts.add(writes());
            fanOut.join(fresh, LOBBY, MessageId.MIN);
        };
        readers.forEach(reader -> fanOut.join(reader, LOBBY, MessageId.MIN));
        run();
        readers.add(fresh);
        assertThat(counts.get(1) - counts.get(0)).isLessThanOrEqualTo(2);
        assertAllGotAll();
    }

    @Test
    void aTurnWritesAFewLargeBatchesOnly() {
        String large = "x".repeat(10_000);
        for (int i = 0; i < 200; i++) {
            published.add(large);
            chat.publish(Draft.of(Room.LOBBY, large)).join();
        }
        join(1, MessageId.MIN);
        assertThat(readers.get(0).writes).isBetween(1, 5);
        run();
        assertAllGotAll();
    }

    @Test
    void oneWriteHasAtMostTheLimitOfEntries() {
        for (int i = 0; i < 100; i++) {
            publish();
        }
        fanOut = fanOut(FanOutConfig.defaults().withLimit(new Limit(7, 1 << 20)));
        join(2, MessageId.MIN);
        run();
        assertAllGotAll();
        assertThat(readers.get(0).writes).isEqualTo(15);
    }

    @Test
    void aReaderThatLeavesDuringATurnGetsNothingMore() {
        join(10, chat.head());
        RecordingReader gone = readers.remove(5);
        readers.get(4).onWrite = gone::leave;
        publish();
        run();
        assertThat(gone.bodies).isEmpty();
        assertAllGotAll();
    }

    @Test
    void onlyTheReaderThatThrowsIsClosed() {
        join(10, chat.head());
        RecordingReader faulty = readers.remove(3);
        faulty.onWrite = () -> {
            throw new IllegalStateException("on purpose");
        };
        publish();
        publish();
        run();
        assertThat(faulty.channel().isOpen()).isFalse();
        assertThat(faulty.writes).isEqualTo(1);
        assertAllGotAll();
    }

    @Test
    void aReaderThatThrowsAtEntriesFromTheStoreIsClosed() {
        publish();
        chat.close();
        chat = new ChatService(store, ChatConfig.defaults());
        fanOut = fanOut(FanOutConfig.defaults());
        RecordingReader faulty = new RecordingReader(channel());
        faulty.onWrite = () -> {
            throw new IllegalStateException("on purpose");
        };
        fanOut.join(faulty, LOBBY, MessageId.MIN);
        run();
        assertThat(faulty.writes).isEqualTo(1);
        assertThat(faulty.channel().isOpen()).isFalse();
        join(2, MessageId.MIN);
        run();
        assertAllGotAll();
    }

    @Test
    void aReaderThatThrowsInASweepIsClosedAndTheSweepContinues() {
        fanOut = fanOut(FanOutConfig.defaults().withKeepAlive(Duration.ofMillis(200)));
        join(300, chat.head());
        RecordingReader faulty = readers.remove(150);
        faulty.onKeepAlive = () -> {
            throw new IllegalStateException("on purpose");
        };
        pass(200);
        assertThat(faulty.channel().isOpen()).isFalse();
        assertThat(readers).allMatch(reader -> reader.keepAlives == 1);
        pass(200);
        assertThat(readers).allMatch(reader -> reader.keepAlives == 2);
    }

    @Test
    void onlyAReaderThatTakesNothingForTooLongIsStuck() {
        fanOut = fanOut(FanOutConfig.defaults().withStuckAfter(Duration.ofMillis(60)));
        join(2, chat.head());
        readers.get(0).writable(false);
        publish();
        run();
        RecordingReader stuck = readers.remove(0);
        // The loop checks for stuck readers every 50 ms.
        pass(50);
        assertThat(stuck.stuck).isFalse();
        pass(50);
        assertThat(stuck.stuck).isTrue();
        assertAllGotAll();
    }

    @Test
    void aKeepAliveSweepVisitsEveryReaderOnce() {
        fanOut = fanOut(FanOutConfig.defaults().withKeepAlive(Duration.ofMillis(200)));
        join(300, chat.head());
        pass(199);
        assertThat(readers).allMatch(reader -> reader.keepAlives == 0);
        pass(1);
        assertThat(readers).allMatch(reader -> reader.keepAlives == 1);
        pass(200);
        assertThat(readers).allMatch(reader -> reader.keepAlives == 2);
    }

    @Test
    void aSweepVisitsEachReaderThatStaysOnceAndNoReaderThatJoinsOrLeavesMeanwhile() {
        join(300, chat.head());
        List<RecordingReader> there = List.copyOf(readers);
        List<Reader> visited = new ArrayList<>();
        List<Reader> again = new ArrayList<>();
        fanOut.forEach(visited::add, Duration.ofSeconds(4));
        run();
        fanOut.forEach(again::add, Duration.ofSeconds(4));
        run();
        // The readers that the sweeps would visit next leave, and others before and after them.
        List<RecordingReader> gone = new ArrayList<>(List.of(there.get(235), there.get(234), there.get(233)));
        for (int i = 0; i < there.size(); i += 5) {
            gone.add(there.get(i));
        }
        gone.stream().distinct().forEach(Reader::leave);
        List<RecordingReader> left = new ArrayList<>(there);
        left.removeAll(gone);
        join(10, chat.head());
        for (int second = 0; second < 10; second++) {
            pass(1_000);
        }
        for (List<Reader> sweep : List.of(visited, again)) {
            assertThat(sweep).doesNotHaveDuplicates();
            assertThat(sweep).isSubsetOf(there);
            assertThat(sweep.subList(64, sweep.size())).doesNotContainAnyElementsOf(gone);
            assertThat(sweep).containsAll(left);
        }
    }

    @Test
    void theActionOfASweepMayMakeReadersLeave() {
        join(300, chat.head());
        List<Reader> visited = new ArrayList<>();
        fanOut.forEach(
                reader -> {
                    visited.add(reader);
                    Reader next = reader.after();
                    reader.leave();
                    if (next != null) {
                        next.leave();
                    }
                },
                Duration.ZERO);
        run();
        assertThat(visited).hasSize(150).doesNotHaveDuplicates();
        assertThat(readers).allMatch(reader -> reader.state == Reader.State.OUT);
    }

    @Test
    void aSweepIsSpreadOverItsDuration() {
        join(300, chat.head());
        List<Reader> visited = new ArrayList<>();
        fanOut.forEach(visited::add, Duration.ofSeconds(4));
        run();
        assertThat(visited).hasSize(64);
        pass(999);
        assertThat(visited).hasSize(64);
        for (int visits = 128; visits <= 256; visits += 64) {
            pass(1);
            assertThat(visited).hasSize(visits);
            pass(999);
            assertThat(visited).hasSize(visits);
        }
        pass(1);
        assertThat(visited).hasSize(300).doesNotHaveDuplicates();
    }

    @Test
    void aDrainEndsAllReadersAtOnceWhenThereIsNoOtherNode() {
        share(false);
        join(3_000, chat.head());
        List<Reader> ended = drain(Duration.ofSeconds(20));
        run();
        assertThat(ended).hasSize(3_000).doesNotHaveDuplicates();
    }

    @Test
    void aDrainSendsAThousandReadersASecondToOtherNodes() {
        share(true);
        join(3_000, chat.head());
        List<Reader> ended = drain(Duration.ofSeconds(20));
        run();
        assertThat(ended).hasSize(64);
        passSteps(1_000);
        assertThat(ended).hasSizeBetween(900, 1_100);
        passSteps(1_900);
        assertThat(ended).hasSizeLessThan(3_000);
        passSteps(200);
        assertThat(ended).hasSize(3_000).doesNotHaveDuplicates();
    }

    @Test
    void aDrainEndsTheLastReaderAfterHalfItsDuration() {
        share(true);
        join(3_000, chat.head());
        List<Reader> ended = drain(Duration.ofSeconds(2));
        passSteps(900);
        assertThat(ended).hasSizeLessThan(3_000);
        passSteps(200);
        assertThat(ended).hasSize(3_000).doesNotHaveDuplicates();
    }

    @Test
    void aDrainIsSpreadWhenTheStoreFailsToReportOtherNodes() {
        share(false).failReads(1);
        join(128, chat.head());
        List<Reader> ended = drain(Duration.ofSeconds(20));
        run();
        assertThat(ended).hasSize(64);
        pass(200);
        assertThat(ended).hasSize(128);
    }

    private ScriptedStore share(boolean hasOtherNodes) {
        chat.close();
        ScriptedStore shared = ScriptedStore.directOn(new ScriptedLog());
        shared.setOtherNodes(hasOtherNodes);
        // Without the reads that a node makes each second, the test alone decides which read fails.
        chat = new ManualTimer().start(shared, ChatConfig.defaults());
        fanOut = fanOut(FanOutConfig.defaults());
        return shared;
    }

    private List<Reader> drain(Duration time) {
        List<Reader> ended = new ArrayList<>();
        fanOut.drain(ended::add, time);
        return ended;
    }

    @Test
    void thousandsOfRoomNamesDoNotGrowTheFanOut() {
        for (int i = 0; i < 5_000; i++) {
            RecordingReader reader = new RecordingReader(channel());
            fanOut.join(reader, RoomSet.of(new Room("room-" + i)), chat.head());
            reader.leave();
            reader.channel().close();
            loop.runNow();
        }
        assertThat(fanOut.groups()).isLessThanOrEqualTo(1_001);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void inRandomRunsEveryReaderGetsEveryEntryOnceAndInOrder(long seed) {
        chat.close();
        chat = new ChatService(store, ChatConfig.defaults().withTailBytes(3_000));
        fanOut = fanOut(FanOutConfig.defaults().withLimit(new Limit(5, 400)));
        Random random = new Random(seed);
        List<MessageId> starts = new ArrayList<>(List.of(chat.head()));
        for (int i = 0; i < 600; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> starts.add(publish());
                case 3 -> join(1, starts.get(random.nextInt(starts.size())));
                case 4 -> anyOf(random).ifPresent(reader -> reader.writable(false));
                case 5 -> anyOf(random).ifPresent(reader -> reader.writable(true));
                case 6 ->
                    anyOf(random).filter(r -> random.nextInt(4) == 0).ifPresent(reader -> {
                        readers.remove(reader);
                        reader.leave();
                    });
                default -> loop.runNow();
            }
        }
        readers.forEach(reader -> reader.writable(true));
        run();
        for (RecordingReader reader : readers) {
            int from = starts.indexOf(reader.start);
            assertThat(reader.bodies).isEqualTo(published.subList(from, published.size()));
        }
    }

    /** Publishes messages of which the tail keeps only the newest one, and returns the ids before each of them. */
    private List<MessageId> fillStore(int count) {
        chat.close();
        chat = new ChatService(store, ChatConfig.defaults().withTailBytes(1));
        fanOut = fanOut(FanOutConfig.defaults());
        List<MessageId> starts = new ArrayList<>(List.of(chat.head()));
        for (int i = 0; i < count; i++) {
            starts.add(publish());
        }
        return starts;
    }

    private void assertAllGot(int count) {
        assertThat(published).hasSize(count);
        assertAllGotAll();
    }

    private int writes() {
        return readers.stream().mapToInt(reader -> reader.writes).sum();
    }

    /** Returns the bodies that a reader gets when it joins at the cursor and leaves at once. */
    private List<String> bodiesAfter(MessageId cursor) {
        RecordingReader reader = new RecordingReader(channel());
        fanOut.join(reader, LOBBY, cursor);
        reader.leave();
        return reader.bodies;
    }

    /** An encoder whose bytes may be sent for a second. */
    private static final class Dated implements Encoder {
        @Override
        public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
            return RecordingReader.LINES.encode(batch, allocator);
        }

        @Override
        public Duration lifetime() {
            return Duration.ofSeconds(1);
        }
    }

    private Optional<RecordingReader> anyOf(Random random) {
        return readers.isEmpty() ? Optional.empty() : Optional.of(readers.get(random.nextInt(readers.size())));
    }

    private void assertAllGotAll() {
        assertThat(readers).allSatisfy(reader -> assertThat(reader.bodies).isEqualTo(published));
    }

    private FanOut<Reader> fanOut(FanOutConfig config) {
        return new FanOut<>(chat, RecordingReader.LINES, config);
    }

    private void join(int count, MessageId cursor) {
        for (int i = 0; i < count; i++) {
            RecordingReader reader = new RecordingReader(channel());
            reader.start = cursor;
            readers.add(reader);
            fanOut.join(reader, LOBBY, cursor);
        }
        if (count > 1) {
            run();
        }
    }

    private LocalChannel channel() {
        LocalChannel channel = new LocalChannel();
        channel.unsafe().register(loop, channel.newPromise());
        loop.runNow();
        return channel;
    }

    private MessageId publish() {
        String body = "m" + published.size();
        published.add(body);
        return chat.publish(Draft.of(Room.LOBBY, body)).join().entry().id();
    }

    /** Moves the clock and runs the tasks that are then due. */
    private void pass(long millis) {
        ticker.advanceMillis(millis);
        run();
    }

    /**
     * Moves the clock by one ms at a time, because a task schedules its next step relative to the time at which it
     * runs.
     */
    private void passSteps(int millis) {
        for (int i = 0; i < millis; i++) {
            pass(1);
        }
    }

    /** Runs the loop until no task is left to run now. */
    private void run() {
        while (loop.runNow() > 0) {
            // The condition runs the tasks, and returns their number.
        }
    }
}
