package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares nodes and their readers with a plain list, in thousands of possible orders of the tasks of sequencers, reads,
 * timers and readers. Some nodes start later, and fill their tails beside all other tasks. Every task runs on the test's thread, so a seed always gives the same run. The Lincheck
 * tests cover the orders of steps within a task.
 */
class ScheduleModelTest {
    private static final int SEEDS = 1_000;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inEveryOrderEachReaderGetsAllMessagesOnceOrAGap(boolean trimming) {
        int delivered = 0;
        int gaps = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                Run run = new Run(seed, trimming);
                run.go();
                delivered += run.readers.stream().mapToInt(r -> r.entries).sum();
                gaps += run.readers.stream().mapToInt(r -> r.gaps).sum();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", trimming " + trimming, e);
            }
        }
        assertThat(delivered).as("entries that readers got").isGreaterThan(SEEDS * 20);
        assertThat(gaps).isBetween(trimming ? 100 : 0, trimming ? Integer.MAX_VALUE : 0);
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        assertThat(new Run(7, true).go()).isEqualTo(new Run(7, true).go());
    }

    private static final class Run {
        static final List<Room> ROOMS =
                IntStream.range(0, 3).mapToObj(i -> new Room("r" + i)).toList();

        static final Retention TWENTY = new Retention(null, 20);

        final Random random;
        final boolean trimming;
        final ScriptedLog log = new ScriptedLog();
        /** All messages that were ever committed, including messages that have been trimmed. */
        final List<Message> all = new ArrayList<>();

        final List<Node> nodes = new ArrayList<>();
        final List<ModelReader> readers = new ArrayList<>();
        int published;

        Run(int seed, boolean trimming) {
            this.random = new Random(seed);
            this.trimming = trimming;
            nodes.add(new Node());
            nodes.add(new Node());
        }

        List<Message> go() {
            for (int step = 0; step < 300; step++) {
                step();
            }
            for (int i = 0; i < 6; i++) {
                readers.forEach(ModelReader::wake);
                nodes.forEach(Node::runAll);
                readers.forEach(r -> r.loop.runAll());
            }
            note();
            readers.forEach(r -> r.assertComplete(all));
            return all;
        }

        void step() {
            note();
            Node node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(12)) {
                case 0, 1 -> node.chat.publish(Draft.of(oneOf(ROOMS), "m" + published++));
                case 2, 3 -> node.append.runOne();
                case 4, 5 -> node.read.runOne();
                case 6 -> node.timer.tick(random);
                case 7, 8, 9 -> readerStep();
                case 10 -> subscribe(node);
                default -> sometimes(node);
            }
        }

        void readerStep() {
            if (readers.isEmpty()) {
                return;
            }
            ModelReader reader = oneOf(readers);
            switch (random.nextInt(8)) {
                case 0 -> reader.ready = !reader.ready;
                case 1 -> reader.wake();
                case 2 -> reader.wake();
                case 3 -> reader.leave();
                default -> reader.loop.runOne();
            }
        }

        void sometimes(Node node) {
            switch (random.nextInt(5)) {
                case 0 -> node.store.failReads(1);
                case 1 -> trim();
                case 2 -> startNode();
                default -> publishForeign();
            }
        }

        void startNode() {
            if (nodes.size() < 4) {
                nodes.add(new Node());
            }
        }

        void publishForeign() {
            for (int i = random.nextInt(4); i >= 0; i--) {
                log.appendForeign(oneOf(ROOMS), "f" + published++);
            }
        }

        void trim() {
            note();
            List<Message> kept = log.entries();
            if (trimming && !kept.isEmpty()) {
                Message through = oneOf(kept);
                log.trim(through.room(), through.id());
            }
        }

        void subscribe(Node node) {
            List<Room> some = ROOMS.stream().filter(r -> random.nextBoolean()).toList();
            note();
            RoomSet rooms = some.isEmpty() ? RoomSet.of(ROOMS.get(0)) : RoomSet.of(some);
            ModelReader reader = new ModelReader(rooms);
            Start start = randomStart();
            node.chat.subscribe(rooms, start, reader.loop, reader).whenComplete((subscription, failure) -> {
                if (failure == null) {
                    reader.subscription = subscription;
                }
            });
            readers.add(reader);
        }

        Start randomStart() {
            return switch (random.nextInt(4)) {
                case 0 -> Start.EARLIEST;
                case 1 -> Start.LATEST;
                case 2 -> Start.last(random.nextInt(5));
                default -> all.isEmpty() ? Start.LATEST : Start.after(oneOf(all).id());
            };
        }

        /** Copies the new messages of the log to {@link #all} before a trim can remove them. */
        void note() {
            MessageId last =
                    all.isEmpty() ? log.start() : all.get(all.size() - 1).id();
            all.addAll(log.entries(m -> m.id().isAfter(last)));
        }

        <T> T oneOf(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        final class Node {
            final ManualExecutor append = new ManualExecutor();
            final ManualExecutor read = new ManualExecutor();
            final ManualTimer timer = new ManualTimer();
            final ScriptedStore store = ScriptedStore.on(log);
            final ChatService chat = new ChatService(
                    store,
                    ChatConfig.defaults()
                            .withTailBytes(1_500 + random.nextInt(6_000))
                            .withRetention(trimming ? TWENTY : Retention.FOREVER, Duration.ofMinutes(1)),
                    fixed(),
                    new Threads(append, read, new PageTurns(read, 1, 1_000), timer));

            void runAll() {
                for (int i = 0; i < 4; i++) {
                    append.runAll();
                    timer.runAll();
                    read.runAll();
                }
            }

            InstantSource fixed() {
                return InstantSource.fixed(Instant.EPOCH.plus(Duration.ofDays(30)));
            }
        }
    }
}
