package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.placed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.MessageStore.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of a store that many threads use at the same time. */
interface RaceContract extends StoreFixture {
    int WRITERS = 8;

    @Test
    default void aReaderGetsEveryMessageOnceWhileManyThreadsWrite() throws Exception {
        MessageStore store = open();
        RoomSet rooms = RoomSet.of(A, B);
        AtomicBoolean done = new AtomicBoolean();
        MessageId start = store.lastId();
        try (Crew crew = new Crew()) {
            Future<List<Message>> byRoom = crew.start(() -> follow(
                    done,
                    start,
                    cursor -> store.readAfter(rooms, cursor, MessageId.MAX, new Limit(50, 1 << 20))
                            .messages()));
            Future<List<Message>> byLog =
                    crew.start(() -> follow(done, start, cursor -> store.readLog(cursor, new Limit(50, 1 << 20))));
            List<Future<List<Message>>> writers = IntStream.range(0, WRITERS)
                    .mapToObj(writer -> crew.start(() -> write(store, writer, 40)))
                    .toList();
            List<Message> written = new ArrayList<>();
            for (Future<List<Message>> writer : writers) {
                List<Message> own = writer.get();
                assertThat(own).extracting(Message::id).isSorted();
                written.addAll(own);
            }
            done.set(true);
            written.sort((a, b) -> a.id().compareTo(b.id()));
            assertThat(written).hasSizeGreaterThan(WRITERS * 40).doesNotHaveDuplicates();
            assertThat(byRoom.get()).isEqualTo(written);
            assertThat(byLog.get()).isEqualTo(written);
        }
    }

    @Test
    default void concurrentBatchesHaveNothingBetweenThem() throws Exception {
        MessageStore store = open();
        List<MessageStore.Appended> appended = new ArrayList<>();
        try (Crew crew = new Crew()) {
            List<Future<MessageStore.Appended>> writers = IntStream.range(0, WRITERS * 10)
                    .mapToObj(i -> crew.start(() -> store.append(NODE, List.of(Draft.of(A, "1"), Draft.of(B, "2")))))
                    .toList();
            for (Future<MessageStore.Appended> writer : writers) {
                appended.add(writer.get());
            }
        }
        appended.sort((a, b) -> a.previous().compareTo(b.previous()));
        for (int i = 1; i < appended.size(); i++) {
            MessageId end = placed(appended.get(i - 1).outcomes().get(1)).id();
            assertThat(appended.get(i).previous()).isEqualTo(end);
        }
    }

    @Test
    default void keysRepeatedConcurrentlyAreStoredOnce() throws Exception {
        MessageStore store = open();
        CountDownLatch go = new CountDownLatch(1);
        int keys = 30;
        List<List<Outcome>> outcomes = new ArrayList<>();
        try (Crew crew = new Crew()) {
            List<Future<List<Outcome>>> writers = IntStream.range(0, WRITERS)
                    .mapToObj(writer -> crew.start(() -> {
                        go.await();
                        List<Outcome> mine = new ArrayList<>();
                        for (int key = 0; key < keys; key++) {
                            mine.add(StoreCalls.append(store, Draft.of(A, ANN, "body" + key, "key" + key)));
                        }
                        return mine;
                    }))
                    .toList();
            go.countDown();
            for (Future<List<Outcome>> writer : writers) {
                outcomes.add(writer.get());
            }
        }
        List<Message> stored = all(store, A);
        assertThat(stored).hasSize(keys);
        for (int key = 0; key < keys; key++) {
            int number = key;
            List<Outcome> ofKey =
                    outcomes.stream().map(mine -> mine.get(number)).toList();
            Message message = stored.stream()
                    .filter(m -> m.body().equals("body" + number))
                    .findAny()
                    .orElseThrow();
            assertThat(ofKey).containsOnlyOnce(new Outcome.Placed(message));
            assertThat(ofKey).containsOnly(new Outcome.Placed(message), new Outcome.Known(message));
        }
    }

    @Test
    default void everyTrimmedMessageIsCoveredByTheMark() throws Exception {
        MessageStore store = open();
        RoomSet rooms = RoomSet.of(A, B);
        ConcurrentSkipListSet<MessageId> written = new ConcurrentSkipListSet<>();
        AtomicBoolean done = new AtomicBoolean();
        MessageId start = store.lastId();
        Semaphore trimmed = new Semaphore(0);
        try (Crew crew = new Crew()) {
            List<Future<List<Read>>> readers = IntStream.range(0, 3)
                    .mapToObj(i -> crew.start(() -> readAgainAndAgain(store, rooms, start, written, done)))
                    .toList();
            Future<Integer> trimmer = crew.start(() -> {
                int trims = 0;
                while (!done.get()) {
                    store.trim(new Retention(trims % 2 == 0 ? Duration.ofMillis(3) : null, 5));
                    trims++;
                    trimmed.release();
                }
                return trims;
            });
            for (int i = 0; i < 400; i++) {
                if (i % 50 == 0) {
                    // Of two further trims, the second began after all messages above had been stored.
                    trimmed.drainPermits();
                    trimmed.acquire(2);
                }
                List<Draft> drafts = List.of(Draft.of(A, "a" + i), Draft.of(B, "b" + i));
                store.append(NODE, drafts)
                        .outcomes()
                        .forEach(o -> written.add(placed(o).id()));
                clock().advance(Duration.ofMillis(1));
            }
            done.set(true);
            assertThat(trimmer.get()).isPositive();
            for (Future<List<Read>> reader : readers) {
                reader.get().forEach(read -> read.assertNoSilentHole(written));
            }
        }
        assertThat(all(store, A, B)).hasSizeLessThan(800);
    }

    @Test
    default void concurrentTrimsAgree() throws Exception {
        MessageStore store = open();
        StoreCalls.publishAll(store, A, 3_000);
        try (Crew crew = new Crew()) {
            List<Future<?>> trims = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int keep = 100 + i;
                trims.add(crew.start(() -> store.trim(new Retention(null, keep))));
            }
            for (Future<?> trim : trims) {
                trim.get();
            }
        }
        List<Message> kept = all(store, A);
        assertThat(kept).hasSize(100);
        MessageId mark = store.trimmedThrough(RoomSet.of(A));
        assertThat(mark.next()).isEqualTo(kept.get(0).id());
    }

    private static List<Message> write(MessageStore store, int writer, int batches) {
        List<Message> own = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            int number = i;
            List<Draft> drafts = IntStream.rangeClosed(0, i % 3)
                    .mapToObj(n -> Draft.of((writer + n) % 2 == 0 ? A : B, writer + "/" + number + "/" + n))
                    .toList();
            store.append(NODE, drafts).outcomes().forEach(outcome -> own.add(placed(outcome)));
        }
        return own;
    }

    /** Reads on from the last id read, until the writers are done and no message is left. */
    private static List<Message> follow(AtomicBoolean done, MessageId start, PageReader reader) {
        List<Message> seen = new ArrayList<>();
        MessageId cursor = start;
        boolean last = false;
        while (true) {
            boolean wasDone = done.get();
            List<Message> page = reader.after(cursor);
            seen.addAll(page);
            if (!page.isEmpty()) {
                cursor = page.get(page.size() - 1).id();
            } else if (last) {
                return seen;
            }
            last = wasDone;
        }
    }

    private static List<Read> readAgainAndAgain(
            MessageStore store,
            RoomSet rooms,
            MessageId start,
            ConcurrentSkipListSet<MessageId> written,
            AtomicBoolean done) {
        List<Read> reads = new ArrayList<>();
        while (!done.get()) {
            MessageId through = written.isEmpty() ? start : written.last();
            // Starts 16 messages back, where the trims take place.
            MessageId after = start;
            int back = 0;
            for (MessageId id : written.headSet(through, true).descendingSet()) {
                if (++back == 16) {
                    after = id;
                    break;
                }
            }
            reads.add(new Read(after, through, store.readAfter(rooms, after, through, Limit.PAGE)));
        }
        return reads;
    }

    /** The bounds of a read and the page that was read. */
    record Read(MessageId after, MessageId through, Page page) {
        void assertNoSilentHole(ConcurrentSkipListSet<MessageId> written) {
            assertThat(page.complete()).isTrue();
            List<MessageId> missing = new ArrayList<>(written.subSet(after, false, through, true));
            missing.removeAll(page.messages().stream().map(Message::id).toList());
            assertThat(missing)
                    .allSatisfy(id -> assertThat(id.isAfter(page.trimmedThrough()))
                            .as("%s is missing after %s, and the mark is %s", id, after, page.trimmedThrough())
                            .isFalse());
        }
    }

    /** Reads the messages after a cursor. */
    interface PageReader {
        List<Message> after(MessageId cursor);
    }

    /** Threads that end when the crew is closed. */
    final class Crew implements AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();

        <T> Future<T> start(Callable<T> work) {
            return threads.submit(work);
        }

        @Override
        public void close() {
            threads.shutdown();
        }
    }
}
