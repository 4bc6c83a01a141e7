package dev.confab.core;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The trim marks of empty rooms. The mark of a room is the highest id that was removed from the room.
 *
 * <p>The marks are exact for the rooms that became empty last. The other rooms share the highest of their marks. The
 * shared mark may announce a gap to a reader where no message is missing, but it never hides a gap. Not thread-safe.
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

    /** Returns the mark of rooms that were never trimmed. */
    MessageId origin() {
        return origin;
    }

    /** Returns the exact marks above {@code after}. */
    Map<Room, MessageId> trimmedAfter(MessageId after) {
        Map<Room, MessageId> marks = new HashMap<>(exact);
        marks.values().removeIf(mark -> !mark.isAfter(after));
        return marks;
    }

    /** Adds the mark of {@code room}, which has become empty. */
    void add(Room room, MessageId trimmedThrough) {
        exact.put(room, trimmedThrough);
        if (exact.size() > capacity) {
            Map.Entry<Room, MessageId> oldest = exact.entrySet().iterator().next();
            exact.remove(oldest.getKey());
            shared = MessageId.max(shared, oldest.getValue());
        }
    }

    /** Removes the mark of {@code room}, which is no longer empty, and returns it for the caller to keep. */
    MessageId remove(Room room) {
        MessageId mark = trimmedThrough(room);
        exact.remove(room);
        return mark;
    }
}
