package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TailFillTest {
    private static final Room A = new Room("a");
    private static final RoomSet ONLY_A = RoomSet.of(A);
    private static final Duration AGE = Duration.ofMinutes(10);
    private static final int BYTES = 8 << 20;

    private final ScriptedLog log = new ScriptedLog();
    private final ScriptedStore store = ScriptedStore.on(log);

    @Test
    void aSmallLogIsInMemoryFromItsStart() {
        append(5_000);
        Tail tail = tail(BYTES);
        fill(tail);
        assertThat(read(tail, log.start())).isEqualTo(log.entries());
        assertThat(tail.knows(ONLY_A, log.start())).isTrue();
    }

    @Test
    void aStepReadsOnePage() {
        append(5_000);
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, now(), AGE);
        int steps = 1;
        while (fill.step()) {
            steps++;
        }
        assertThat(steps).isGreaterThan(5);
    }

    @Test
    void theNewestEntriesThatFitAreInMemory() {
        append(5_000);
        Tail tail = tail(1 << 20);
        fill(tail);
        assertThat(tail.bytes()).isBetween((1L << 20) - 2_000, 1L << 20);
        assertThat(tail.read(ONLY_A, log.start(), Limit.PAGE)).isNull();
        List<Message> newest = log.entries().subList(4_000, 5_000);
        assertThat(read(tail, log.entries().get(3_999).id())).isEqualTo(newest);
    }

    @Test
    void entriesOlderThanTheTailKeepsAreNotInMemory() {
        append(5_000);
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, now(), Duration.ofSeconds(2));
        while (fill.step()) {
            // The condition runs the step.
        }
        assertThat(tail.read(ONLY_A, log.entries().get(2_000).id(), Limit.PAGE)).isNull();
        assertThat(read(tail, log.entries().get(3_010).id()))
                .isEqualTo(log.entries().subList(3_011, 5_000));
    }

    /** The lowest id of an instant is no such id: with it, the tail would take a foreign cursor for known. */
    @Test
    void theTailStartsAtTheIdOfAMessageThatWasRead() {
        append(5_000);
        MessageId cutoff = log.entries().get(2_000).id();
        log.trim(A, log.entries().get(2_999).id());
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, cutoff.time().plus(AGE), AGE);
        while (fill.step()) {
            // The condition runs the step.
        }
        RoomSet other = RoomSet.of(new Room("b"));
        assertThat(tail.knows(other, cutoff)).isFalse();
        assertThat(tail.knows(other, log.entries().get(0).id())).isTrue();
    }

    @Test
    void anEmptyLogNeedsNoFill() {
        assertThat(new TailFill(store, tail(BYTES), now(), AGE).isNeeded()).isFalse();
        append(1);
        assertThat(new TailFill(store, tail(BYTES), now(), AGE).isNeeded()).isTrue();
        assertThat(new TailFill(store, tail(BYTES), now().plus(AGE), AGE).isNeeded())
                .isFalse();
    }

    @Test
    void aStepThatFailedIsRepeated() {
        append(5_000);
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, now(), AGE);
        boolean isMore = true;
        for (int i = 0; isMore; i++) {
            if (i % 2 == 0) {
                store.failReads(1);
                assertThatThrownBy(fill::step).isInstanceOf(StoreException.class);
            } else {
                isMore = fill.step();
            }
        }
        assertThat(read(tail, log.start())).isEqualTo(log.entries());
    }

    @Test
    void entriesAppendedMeanwhileFollowTheFilledOnes() {
        append(3_000);
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, now(), AGE);
        do {
            tail.append(List.of(log.appendEntry(A)), Map.of());
        } while (fill.step());
        assertThat(read(tail, log.start())).isEqualTo(log.entries());
    }

    @Test
    void theFillEndsWhenNewEntriesTakeTheSpace() {
        append(3_000);
        Tail tail = tail(1 << 20);
        TailFill fill = new TailFill(store, tail, now(), AGE);
        boolean isMore = true;
        while (isMore) {
            IntStream.range(0, 500).forEach(i -> tail.append(List.of(log.appendEntry(A)), Map.of()));
            isMore = fill.step();
        }
        assertThat(tail.bytes()).isLessThanOrEqualTo(1 << 20);
        assertThat(tail.read(ONLY_A, log.lastId(), Limit.PAGE).isEmpty()).isTrue();
    }

    @Test
    void messagesTrimmedMeanwhileAreAGap() {
        append(3_000);
        Tail tail = tail(BYTES);
        TailFill fill = new TailFill(store, tail, now(), AGE);
        int step = 0;
        boolean isMore = true;
        while (isMore) {
            step++;
            if (step % 2 == 0) {
                MessageId through = log.entries().get(10).id();
                log.trim(A, through);
                tail.trim(Map.of(A, through));
            }
            isMore = fill.step();
        }
        MessageId mark = log.trimmedThrough(ONLY_A);
        assertThat(tail.read(ONLY_A, mark.previous(), Limit.PAGE)).isNull();
        assertThat(read(tail, mark)).isEqualTo(log.entries());
    }

    @Test
    void readersAfterARestartAreServedFromMemory() {
        append(100);
        ChatService chat = new ChatService(store, ChatConfig.defaults(), new ManualClock(now()));
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        while (feed.read(log.start(), Limit.PAGE) == null) {
            Thread.onSpinWait();
        }
        assertThat(feed.read(log.start(), Limit.PAGE).entries())
                .extracting(Entry::message)
                .isEqualTo(log.entries());
        assertThat(store.pages()).isZero();
        chat.close();
    }

    @Test
    void theFillGoesOnAfterAFailureOfTheStore() {
        append(100);
        ManualTimer timer = new ManualTimer();
        ManualExecutor read = new ManualExecutor();
        ChatService chat = new ChatService(
                store,
                ChatConfig.defaults(),
                new ManualClock(now()),
                new Threads(Runnable::run, read, new PageTurns(read, 1, 10), timer));
        store.failReads(1);
        read.runAll();
        Feed feed = chat.feed(ONLY_A, Runnable::run);
        assertThat(feed.read(log.start(), Limit.PAGE)).isNull();
        timer.runAll();
        read.runAll();
        assertThat(feed.read(log.start(), Limit.PAGE)).isNotNull();
        chat.close();
    }

    private void append(int count) {
        IntStream.range(0, count).forEach(i -> log.appendEntry(A));
    }

    private Instant now() {
        return log.lastId().time();
    }

    private Tail tail(int bytes) {
        return new Tail(log.lastId(), bytes);
    }

    private void fill(Tail tail) {
        TailFill fill = new TailFill(store, tail, now(), AGE);
        while (fill.step()) {
            // The condition runs the step.
        }
    }

    private static List<Message> read(Tail tail, MessageId after) {
        List<Message> all = new ArrayList<>();
        Batch batch = tail.read(ONLY_A, after, Limit.PAGE);
        while (!batch.isEmpty()) {
            batch.entries().forEach(entry -> all.add(entry.message()));
            batch = tail.read(ONLY_A, batch.to(), Limit.PAGE);
        }
        return all;
    }
}
