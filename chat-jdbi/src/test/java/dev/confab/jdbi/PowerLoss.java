package dev.confab.jdbi;

import dev.confab.core.Message;
import dev.confab.jdbi.RecordedFiles.Acknowledgement;
import dev.confab.jdbi.RecordedFiles.Event;
import dev.confab.jdbi.RecordedFiles.Sync;
import dev.confab.jdbi.RecordedFiles.Truncation;
import dev.confab.jdbi.RecordedFiles.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The states in which a power loss may leave a recorded file. Every change before the last sync is on the disk. Each
 * later change may be missing, and a part of a later write may be missing.
 */
final class PowerLoss {
    private static final int[] UNITS = {512, 4096};

    /** A file and the messages that were acknowledged before the power failed. */
    record State(String name, byte[] file, List<Message> acknowledged) {}

    private interface Fate {
        /** Returns the changes on the disk that remain of a change after the last sync. */
        List<Event> remains(int index, Event change);
    }

    /** The part of a write that is missing. */
    enum Tear {
        END,
        START,
        /** One unit between the first and the last one. */
        MIDDLE;

        /** Returns the parts of a write that remain when units of this part are missing. */
        List<Event> remains(Event change, int unit, Random random) {
            if (!(change instanceof Write write) || write.bytes().length <= unit) {
                return List.of();
            }
            int units = (write.bytes().length + unit - 1) / unit;
            int from = this == START ? 0 : 1 + random.nextInt(units - 1);
            int to = this == END ? units : this == START ? 1 + random.nextInt(units - 1) : from + 1;
            return List.of(part(write, 0, from * unit), part(write, to * unit, write.bytes().length));
        }

        private static Event part(Write write, int from, int to) {
            int end = Math.min(to, write.bytes().length);
            int start = Math.min(from, end);
            return new Write(write.position() + start, Arrays.copyOfRange(write.bytes(), start, end));
        }
    }

    private final List<Event> events;
    private final Random random;
    private final Set<Tear> tears;

    PowerLoss(List<Event> events, Random random, Set<Tear> tears) {
        this.events = events;
        this.random = random;
        this.tears = tears;
    }

    /** Returns the states after a power loss right after the event with this index. */
    List<State> states(int last) {
        int synced = IntStream.rangeClosed(0, last)
                .mapToObj(events::get)
                .mapToInt(event -> event instanceof Sync sync ? sync.begin() : 0)
                .max()
                .orElseThrow();
        List<Integer> changes = IntStream.rangeClosed(synced, last)
                .filter(i -> events.get(i) instanceof Write || events.get(i) instanceof Truncation)
                .boxed()
                .toList();
        String at = "after event " + last + ", synced to " + synced + ", later changes " + changes + ": ";
        List<State> states = new ArrayList<>();
        states.add(state(at + "all", last, synced, (i, change) -> List.of(change)));
        states.add(state(at + "none", last, synced, (i, change) -> List.of()));
        for (int one : changes) {
            states.add(
                    state(at + "all but " + one, last, synced, (i, change) -> i == one ? List.of() : List.of(change)));
            states.add(state(at + "only " + one, last, synced, (i, change) -> i == one ? List.of(change) : List.of()));
            for (int unit : UNITS) {
                for (Tear tear : tears) {
                    long seed = random.nextLong();
                    states.add(state(
                            at + tear + " of " + one + " missing by " + unit + ", seed " + seed,
                            last,
                            synced,
                            (i, change) -> i == one ? tear.remains(change, unit, new Random(seed)) : List.of(change)));
                }
            }
        }
        if (changes.size() > 2) {
            long seed = random.nextLong();
            states.add(state(
                    at + "a random half, seed " + seed,
                    last,
                    synced,
                    (i, change) -> new Random(seed + i * 31L).nextBoolean() ? List.of(change) : List.of()));
        }
        return states;
    }

    private State state(String name, int last, int synced, Fate fate) {
        Image image = new Image();
        List<Message> acknowledged = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            Event event = events.get(i);
            if (event instanceof Acknowledgement of) {
                acknowledged.add(of.message());
            } else if (i < synced) {
                image.apply(event);
            } else {
                fate.remains(i, event).forEach(image::apply);
            }
        }
        return new State(name, image.bytes(), acknowledged);
    }

    private static final class Image {
        private byte[] bytes = new byte[1 << 20];
        private int size;

        void apply(Event change) {
            if (change instanceof Write write) {
                int end = (int) write.position() + write.bytes().length;
                if (end > bytes.length) {
                    bytes = Arrays.copyOf(bytes, end * 2);
                }
                System.arraycopy(write.bytes(), 0, bytes, (int) write.position(), write.bytes().length);
                size = Math.max(size, end);
            } else if (change instanceof Truncation truncation && truncation.size() < size) {
                Arrays.fill(bytes, (int) truncation.size(), size, (byte) 0);
                size = (int) truncation.size();
            }
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, size);
        }
    }
}
