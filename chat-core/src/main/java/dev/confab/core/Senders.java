package dev.confab.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that sent this node's latest messages. The store does not keep senders, so an entry that is made from
 * a message of the store gets its sender from here. Safe for any thread.
 */
final class Senders {
    /** The number of messages whose senders are known. A further one removes the oldest. About 100 bytes each. */
    static final int MAX = 50_000;

    private final Map<MessageId, String> sessions = new LinkedHashMap<>();

    synchronized void add(MessageId id, String session) {
        sessions.put(id, session);
        if (sessions.size() > MAX) {
            sessions.remove(sessions.keySet().iterator().next());
        }
    }

    private synchronized @Nullable String of(MessageId id) {
        return sessions.isEmpty() ? null : sessions.get(id);
    }

    /** Returns the entries of messages, each with its sender if it is known. */
    List<Entry> entries(List<Message> messages) {
        return messages.stream()
                .map(message -> Entry.of(message).from(of(message.id())))
                .toList();
    }
}
