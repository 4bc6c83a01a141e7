package dev.confab.core;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Merges rings in the order of their ids, ascending or descending. The rings must not change during the merge. Not
 * thread-safe.
 */
final class IdMerge<T> {
    private final PriorityQueue<Position<T>> next;
    private final int step;

    private IdMerge(Comparator<MessageId> order, int step) {
        this.next = new PriorityQueue<>(Comparator.comparing(Position::id, order));
        this.step = step;
    }

    /** Returns a merge of the values with ids above {@code after}, in ascending order. */
    static <T> IdMerge<T> after(Iterable<IdRing<T>> rings, MessageId after) {
        IdMerge<T> merge = new IdMerge<>(Comparator.naturalOrder(), 1);
        rings.forEach(ring -> merge.add(new Position<>(ring, ring.firstAfter(after))));
        return merge;
    }

    /** Returns a merge of the values with ids below {@code before}, in descending order. */
    static <T> IdMerge<T> before(Iterable<IdRing<T>> rings, MessageId before) {
        IdMerge<T> merge = new IdMerge<>(Comparator.reverseOrder(), -1);
        rings.forEach(
                ring -> merge.add(new Position<>(ring, ring.firstAfter(before) - (ring.contains(before) ? 2 : 1))));
        return merge;
    }

    /** Returns the next value, or null when there is none. */
    @Nullable
    T poll() {
        Position<T> first = next.poll();
        if (first == null) {
            return null;
        }
        T value = first.ring.get(first.index);
        first.index += step;
        add(first);
        return value;
    }

    private void add(Position<T> position) {
        if (position.index >= 0 && position.index < position.ring.size()) {
            next.add(position);
        }
    }

    private static final class Position<T> {
        final IdRing<T> ring;
        int index;

        Position(IdRing<T> ring, int index) {
            this.ring = ring;
            this.index = index;
        }

        MessageId id() {
            return ring.idAt(index);
        }
    }
}
