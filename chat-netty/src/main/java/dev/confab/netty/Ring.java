package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/**
 * The readers of a group that are at the end of the log, in a circle. A round visits each reader that was in the ring
 * when the round began.
 */
final class Ring {
    private @Nullable Reader next;
    private int size;
    private int unvisited;
    private int round;

    /** Begins a round. Readers that the last round did not reach are visited in the new round. */
    void begin() {
        round++;
        unvisited = size;
    }

    boolean hasUnvisited() {
        return unvisited > 0;
    }

    /** @return the next reader that was not yet visited in this round; from now on it counts as visited */
    Reader visit() {
        Reader reader = next;
        while (reader != null && reader.visited == round) {
            reader = reader.right;
        }
        if (reader == null) {
            throw new IllegalStateException("unvisited: " + unvisited + " (expected: 0, the ring is empty)");
        }
        next = reader.right;
        reader.visited = round;
        unvisited--;
        return reader;
    }

    /** Adds a reader after all others. The reader counts as visited in this round. */
    void add(Reader reader) {
        Reader at = next;
        if (at == null) {
            reader.left = reader;
            reader.right = reader;
            next = reader;
        } else {
            reader.left = at.left;
            reader.right = at;
            at.left.right = reader;
            at.left = reader;
        }
        reader.visited = round;
        size++;
    }

    void remove(Reader reader) {
        if (reader.visited != round) {
            unvisited--;
        }
        size--;
        if (next == reader) {
            next = reader.right == reader ? null : reader.right;
        }
        reader.left.right = reader.right;
        reader.right.left = reader.left;
        reader.left = reader;
        reader.right = reader;
    }
}
