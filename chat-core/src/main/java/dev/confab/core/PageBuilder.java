package dev.confab.core;

import java.util.ArrayList;
import java.util.List;

/** Collects entries until a limit is reached. Not thread-safe. */
final class PageBuilder {
    private final Limit limit;
    private final List<Message> messages = new ArrayList<>();
    private long bytes;

    PageBuilder(Limit limit) {
        this.limit = limit;
    }

    /** Takes {@code message} and answers true, or answers false when the limit leaves no room; there is room for one always. */
    boolean add(Message message) {
        long after = bytes + Text.utf8Length(message.body());
        if (!messages.isEmpty() && (messages.size() >= limit.entries() || after > limit.bytes())) {
            return false;
        }
        bytes = after;
        messages.add(message);
        return true;
    }

    /** What was taken, in the order of taking. */
    List<Message> messages() {
        return messages;
    }
}
