package dev.confab.websocket;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.MessageId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The ids of the messages that a session has published and that its reader has not reached yet, for a session that does
 * not get its own messages. Confined to the event loop.
 */
final class OwnMessages {
    /** The number of ids at which the session publishes no further message until its reader has caught up. */
    static final int MAX = 1_000;

    private final Set<MessageId> ids = new HashSet<>();

    void add(MessageId id) {
        ids.add(id);
    }

    boolean isFull() {
        return ids.size() >= MAX;
    }

    /** Returns the batch without these messages, and forgets those that the batch has passed. */
    Batch leaveOut(Batch batch) {
        if (ids.isEmpty()) {
            return batch;
        }
        List<Entry> others = batch.entries().stream()
                .filter(entry -> !ids.contains(entry.id()))
                .toList();
        ids.removeIf(id -> !id.isAfter(batch.to()));
        return others.size() == batch.entries().size() ? batch : new Batch(batch.from(), batch.to(), others);
    }
}
