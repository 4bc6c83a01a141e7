package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Compares the tail with a plain list: after any sequence of operations, a read returns either the entries of the list,
 * or null if the tail does not cover the read. The tail starts behind some entries of the list, with which it is filled
 * beside the other operations.
 */
class TailModelTest {
    private static final int SEEDS = 2_000;
    private static final List<Room> ROOMS =
            IntStream.range(0, 4).mapToObj(i -> new Room("r" + i)).toList();

    @Test
    void aReadThatTheTailCoversMissesNothing() {
        int answered = 0;
        int fromFill = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                Run run = new Run(seed);
                answered += run.go();
                fromFill += run.fromFill;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(answered).as("reads that memory could answer").isGreaterThan(SEEDS * 5);
        assertThat(fromFill).as("reads of entries that were filled in").isGreaterThan(SEEDS / 4);
    }

    private static final class Run {
        final Random random;
        final Tail tail;
        final List<Entry> all = new ArrayList<>();
        final Map<Room, MessageId> trimmed = new HashMap<>();
        final List<Feed> feeds = new ArrayList<>();
        final ScriptedStore store = new ScriptedStore();
        final MessageId start;
        MessageId to;
        int last;
        int answered;
        int fromFill;

        Run(int seed) {
            random = new Random(seed);
            for (int i = random.nextInt(20); i > 0; i--) {
                all.add(entry());
            }
            start = TailTest.id(last);
            to = start;
            tail = new Tail(start, 1_000 + random.nextInt(20_000));
        }

        int go() {
            for (int step = 0; step < 80; step++) {
                switch (random.nextInt(10)) {
                    case 0, 1 -> append();
                    case 2 -> tail.evictThrough(TailTest.id(Math.max(0, last - random.nextInt(15))));
                    case 3 -> trim();
                    case 4 -> toggleFeed();
                    case 5, 6 -> fill();
                    default -> read();
                }
            }
            return answered;
        }

        void append() {
            List<Entry> batch = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                batch.add(entry());
            }
            all.addAll(batch);
            tail.append(batch, Map.of());
        }

        Entry entry() {
            last += 1 + random.nextInt(2);
            return TailTest.entry(last, ROOMS.get(random.nextInt(ROOMS.size())));
        }

        void fill() {
            List<MessageId> below =
                    all.stream().map(Entry::id).filter(to::isAfter).toList();
            MessageId from = below.isEmpty() || random.nextInt(3) == 0
                    ? TailTest.id(0)
                    : below.get(random.nextInt(below.size()));
            if (from.equals(to)) {
                return;
            }
            // A page that was read before a trim has the trimmed entries.
            boolean isStale = random.nextBoolean();
            List<Entry> page = all.stream()
                    .filter(e -> e.id().isAfter(from) && !e.id().isAfter(to))
                    .filter(e -> isStale
                            || e.id().isAfter(trimmed.getOrDefault(e.message().room(), MessageId.MIN)))
                    .toList();
            long seen = tail.trims();
            Map<Room, MessageId> marks = new HashMap<>(trimmed);
            marks.values().removeIf(mark -> !mark.isAfter(from));
            if (random.nextInt(4) == 0) {
                trim();
            }
            if (tail.prepend(from, to, page, marks, seen)) {
                to = from;
            }
        }

        void trim() {
            Room room = ROOMS.get(random.nextInt(ROOMS.size()));
            List<MessageId> ids = all.stream()
                    .filter(e -> e.message().room().equals(room))
                    .map(Entry::id)
                    .toList();
            if (!ids.isEmpty()) {
                MessageId through = ids.get(random.nextInt(ids.size()));
                if (through.isAfter(trimmed.getOrDefault(room, MessageId.MIN))) {
                    trimmed.put(room, through);
                    tail.trim(Map.of(room, through));
                }
            }
        }

        void toggleFeed() {
            if (!feeds.isEmpty() && random.nextBoolean()) {
                feeds.remove(random.nextInt(feeds.size())).close();
            } else {
                Reads reads = new Reads(store, tail, new LogFollower(store, tail, new Revocations()), Runnable::run);
                Feed feed = new Feed(someRooms(), Runnable::run, () -> {}, tail, reads);
                feeds.add(feed);
                tail.add(feed);
            }
        }

        void read() {
            RoomSet rooms = someRooms();
            MessageId after = TailTest.id(Math.max(0, last + 2 - random.nextInt(25)));
            Limit limit = new Limit(1 + random.nextInt(8), 100 + random.nextInt(1_500));
            Batch batch = tail.read(rooms, after, limit);
            if (tail.knows(rooms, after)) {
                assertThat(batch).isNotNull();
                assertThat(isEntry(after)).as("%s is an entry's id", after).isTrue();
            }
            if (batch == null) {
                return;
            }
            answered++;
            List<Entry> expected = all.stream()
                    .filter(e -> rooms.rooms().contains(e.message().room()) && e.id().isAfter(after))
                    .toList();
            assertThat(expected)
                    .as("a room of these was trimmed past %s", after)
                    .noneMatch(e ->
                            !e.id().isAfter(trimmed.getOrDefault(e.message().room(), MessageId.MIN)));
            assertThat(batch.entries()).isEqualTo(cut(expected, limit));
            if (!batch.isEmpty() && start.isAfter(batch.entries().get(0).id())) {
                fromFill++;
            }
            assertThat(batch.from()).isEqualTo(after);
            MessageId end = batch.isEmpty()
                    ? MessageId.max(after, tail.head())
                    : batch.entries().get(batch.entries().size() - 1).id();
            assertThat(batch.to()).isEqualTo(end);
        }

        boolean isEntry(MessageId id) {
            return id.equals(TailTest.id(0)) || all.stream().anyMatch(e -> e.id().equals(id));
        }

        RoomSet someRooms() {
            List<Room> some = ROOMS.stream().filter(r -> random.nextBoolean()).toList();
            return some.isEmpty() ? RoomSet.of(ROOMS.get(0)) : RoomSet.of(some);
        }

        static List<Entry> cut(List<Entry> entries, Limit limit) {
            List<Entry> kept = new ArrayList<>();
            int bytes = 0;
            for (Entry entry : entries) {
                bytes += entry.json().length;
                if (kept.size() == limit.entries() || (bytes > limit.bytes() && !kept.isEmpty())) {
                    break;
                }
                kept.add(entry);
            }
            return kept;
        }
    }
}
