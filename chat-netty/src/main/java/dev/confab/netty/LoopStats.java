package dev.confab.netty;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the readers and the deliveries of one event loop. Written on the loop only, so a change needs no atomic
 * operation. Any thread may read, and may get a value that is a moment old.
 */
final class LoopStats {
    private final Map<Reader.State, AtomicInteger> readers = new EnumMap<>(Reader.State.class);
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    LoopStats() {
        for (Reader.State state : Reader.State.values()) {
            readers.put(state, new AtomicInteger());
        }
    }

    void moved(Reader.State from, Reader.State to) {
        add(from, -1);
        add(to, 1);
    }

    private void add(Reader.State state, int change) {
        AtomicInteger count = of(state);
        count.setOpaque(count.getPlain() + change);
    }

    private AtomicInteger of(Reader.State state) {
        return Objects.requireNonNull(readers.get(state));
    }

    /** @param writtenTo the number of readers that each got all of these entries and bytes */
    void delivered(int writtenTo, int entries, int length) {
        deliveries.setOpaque(deliveries.getPlain() + (long) writtenTo * entries);
        bytes.setOpaque(bytes.getPlain() + (long) writtenTo * length);
    }

    ReaderStats of(String transport) {
        return new ReaderStats(
                transport,
                count(Reader.State.RING),
                count(Reader.State.BEHIND),
                count(Reader.State.BLOCKED),
                count(Reader.State.LOADING),
                deliveries.getOpaque(),
                bytes.getOpaque());
    }

    private int count(Reader.State state) {
        return of(state).getOpaque();
    }
}
