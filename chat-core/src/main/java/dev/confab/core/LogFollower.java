package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Moves the tail's head: by this node's own batches, and by what other nodes appended. One at a time, so that the tail sees
 * the log's order whoever comes first.
 */
final class LogFollower {
    private final MessageStore store;
    private final Tail tail;

    LogFollower(MessageStore store, Tail tail) {
        this.store = store;
        this.tail = tail;
    }

    /**
     * Takes over a batch of this node's. From memory only if it continues exactly at the head; otherwise others were in
     * between, and what lies there is read first.
     *
     * @param previous the log's last id before the batch
     * @param placed in id order
     */
    synchronized void accept(MessageId previous, List<Entry> placed) {
        // A key that was known may be of an entry that this node has not seen, so also when nothing was placed.
        MessageId last =
                placed.isEmpty() ? previous : placed.get(placed.size() - 1).id();
        if (previous.equals(tail.head())) {
            tail.append(placed, Map.of());
        } else {
            catchUpTo(last);
        }
    }

    /** Takes over what was appended for no publisher. */
    void accept(MessageStore.Appended appended) {
        List<Entry> placed = new ArrayList<>();
        for (MessageStore.Outcome outcome : appended.outcomes()) {
            if (outcome instanceof MessageStore.Outcome.Placed done) {
                placed.add(Entry.of(done.message()));
            }
        }
        accept(appended.previous(), placed);
    }

    /** Looks only if {@code known}, an id that is committed, is after the head. */
    synchronized void catchUpTo(MessageId known) {
        if (known.isAfter(tail.head())) {
            catchUp(() -> {});
        }
    }

    /**
     * Reads all that the store has after the head.
     *
     * @param begins called when it has its turn: what is committed before that will be read
     */
    synchronized void catchUp(Runnable begins) {
        begins.run();
        List<Message> news = store.readLog(tail.head(), Limit.PAGE);
        while (!news.isEmpty()) {
            // Asked after the entries were read: what was trimmed before that is missing in them.
            Map<Room, MessageId> trimmed = store.trimmedAfter(tail.head());
            tail.append(news.stream().map(Entry::of).toList(), trimmed);
            news = store.readLog(tail.head(), Limit.PAGE);
        }
    }
}
