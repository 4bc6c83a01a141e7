package dev.confab.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells this node's listeners whose access was revoked, on any node. A revocation is a message of the log, so it
 * reaches every node in order, also when a notification between nodes was lost. Safe for any thread.
 */
final class Revocations {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    private final List<Consumer<Nick>> listeners = new CopyOnWriteArrayList<>();

    void add(Consumer<Nick> listener) {
        listeners.add(listener);
    }

    /** @param entries the entries that became visible on this node, in the order of the log */
    void announce(List<Entry> entries) {
        if (listeners.isEmpty()) {
            return;
        }
        for (Entry entry : entries) {
            Nick nick = entry.message().nick();
            if (nick != null && entry.message().room().equals(Room.REVOCATIONS)) {
                listeners.forEach(listener -> tell(listener, nick));
            }
        }
    }

    /** The log goes on when a listener fails, and the other listeners are told. */
    private static void tell(Consumer<Nick> listener, Nick nick) {
        try {
            listener.accept(nick);
        } catch (RuntimeException e) {
            LOG.error("A listener for revocations failed", e);
        }
    }
}
