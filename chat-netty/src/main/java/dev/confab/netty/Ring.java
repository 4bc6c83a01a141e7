package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/** The readers of a group that are at the end, in a circle. A round visits each that was there when it began. */
final class Ring {
    private @Nullable Reader next;
    private int size;
    private int unvisited;
    private int round;

    /** Begins a round. What is left of the last one is part of it. */
    void begin() {
        round++;
        unvisited = size;
    }

    boolean hasUnvisited() {
        return unvisited > 0;
    }

    /** @return the next that was not visited in this round; now it is */
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

    /** Behind all others, and visited in this round. */
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
