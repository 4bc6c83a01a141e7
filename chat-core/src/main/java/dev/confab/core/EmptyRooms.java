package dev.confab.core;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far rooms were trimmed that hold nothing any more. Exact for the rooms that were emptied last; the others share the
 * highest mark among them, which may tell a reader of a gap that is none, and never hides one. Not thread-safe.
 */
final class EmptyRooms {
    private final MessageId origin;
    private final int capacity;
    private final LinkedHashMap<Room, MessageId> exact = new LinkedHashMap<>();
    private MessageId shared;

    /**
     * @param origin the mark of rooms that were never trimmed
     * @param capacity the number of exact marks
     */
    EmptyRooms(MessageId origin, int capacity) {
        this.origin = origin;
        this.shared = origin;
        this.capacity = capacity;
    }

    MessageId trimmedThrough(Room room) {
        return exact.getOrDefault(room, shared);
    }

    /** The mark of rooms that were never trimmed. */
    MessageId origin() {
        return origin;
    }

    /** The exact marks above {@code after}. */
    Map<Room, MessageId> trimmedAfter(MessageId after) {
        Map<Room, MessageId> marks = new HashMap<>(exact);
        marks.values().removeIf(mark -> !mark.isAfter(after));
        return marks;
    }

    /** {@code room} is empty now. */
    void add(Room room, MessageId trimmedThrough) {
        exact.put(room, trimmedThrough);
        if (exact.size() > capacity) {
            Map.Entry<Room, MessageId> oldest = exact.entrySet().iterator().next();
            exact.remove(oldest.getKey());
            shared = MessageId.max(shared, oldest.getValue());
        }
    }

    /** {@code room} is not empty any more; its mark is the caller's to keep. */
    MessageId remove(Room room) {
        MessageId mark = trimmedThrough(room);
        exact.remove(room);
        return mark;
    }
}
