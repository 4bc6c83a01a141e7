package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue of values in id order, with binary search. Values are added at both ends and removed from the front. Not
 * thread-safe.
 */
final class IdRing<T> {
    private static final int SMALLEST = 4;

    private final Function<T, MessageId> id;
    private @Nullable Object[] slots = new Object[SMALLEST];
    private int head;
    private int size;

    IdRing(Function<T, MessageId> id) {
        this.id = id;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns the value at {@code index}, counted from 0 at the front. */
    @SuppressWarnings("unchecked")
    T get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        Object value = slots[head + index & slots.length - 1];
        assert value != null;
        return (T) value;
    }

    T last() {
        return get(size - 1);
    }

    void add(T value) {
        if (size == slots.length) {
            resize(size * 2);
        }
        slots[head + size & slots.length - 1] = value;
        size++;
    }

    void addFirst(T value) {
        if (size == slots.length) {
            resize(size * 2);
        }
        head = head - 1 & slots.length - 1;
        slots[head] = value;
        size++;
    }

    T removeFirst() {
        T first = get(0);
        slots[head] = null;
        head = head + 1 & slots.length - 1;
        size--;
        if (slots.length > SMALLEST && size < slots.length / 4) {
            resize(slots.length / 2);
        }
        return first;
    }

    /** Returns the index of the first value whose id is above {@code cursor}, or {@link #size()} if there is none. */
    int firstAfter(MessageId cursor) {
        int low = 0;
        int high = size;
        // Most readers are at the end, so the end is checked before the search.
        if (size > 0 && !idAt(size - 1).isAfter(cursor)) {
            return size;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (idAt(middle).isAfter(cursor)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    boolean contains(MessageId wanted) {
        int after = firstAfter(wanted);
        return after > 0 && idAt(after - 1).equals(wanted);
    }

    List<T> toList() {
        List<T> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            all.add(get(i));
        }
        return all;
    }

    MessageId idAt(int index) {
        return id.apply(get(index));
    }

    private void resize(int length) {
        @Nullable Object[] moved = new Object[length];
        for (int i = 0; i < size; i++) {
            moved[i] = slots[head + i & slots.length - 1];
        }
        slots = moved;
        head = 0;
    }
}
