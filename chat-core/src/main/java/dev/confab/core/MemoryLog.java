package dev.confab.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The messages of a log in memory, by room and in one sequence. Not thread-safe, but reads may run concurrently. */
final class MemoryLog {
    static final int EXACT_EMPTY_ROOMS = 1 << 16;

    private static final int ROOM_WEIGHT = 512;

    /** The messages of a room. Never empty: {@link EmptyRooms} keeps the marks of rooms without messages. */
    private static final class RoomLog {
        final IdRing<Message> messages = new IdRing<>(Message::id);
        MessageId trimmedThrough;

        RoomLog(MessageId trimmedThrough) {
            this.trimmedThrough = trimmedThrough;
        }
    }

    private final Map<Room, RoomLog> rooms = new ConcurrentHashMap<>();
    private final EmptyRooms emptyRooms;
    /** All messages, including dead messages, which were trimmed from the middle and are not yet swept. */
    private IdRing<Message> all = new IdRing<>(Message::id);

    private int dead;
    private long weight;
    private MessageId last;

    /** The highest id that was ever removed. */
    private MessageId trimmed;

    MemoryLog(MessageId origin) {
        last = origin;
        trimmed = origin;
        emptyRooms = new EmptyRooms(origin, EXACT_EMPTY_ROOMS);
    }

    MessageId lastId() {
        return last;
    }

    MessageId trimmedThrough(Room room) {
        RoomLog log = rooms.get(room);
        return log == null ? emptyRooms.trimmedThrough(room) : log.trimmedThrough;
    }

    /** Returns the trim marks above {@code after}, for the rooms that have their own mark. */
    Map<Room, MessageId> trimmedAfter(MessageId after) {
        Map<Room, MessageId> marks = emptyRooms.trimmedAfter(after);
        rooms.forEach((room, log) -> {
            if (log.trimmedThrough.isAfter(after) && log.trimmedThrough.isAfter(emptyRooms.origin())) {
                marks.put(room, log.trimmedThrough);
            }
        });
        return marks;
    }

    /** Returns the heap memory of this log in bytes, estimated on the high side. */
    long weight() {
        return weight;
    }

    int size() {
        return all.size() - dead;
    }

    /** Returns the rooms that hold messages. May be iterated while other threads change the log. */
    Iterable<Room> rooms() {
        return rooms.keySet();
    }

    void add(Message message) {
        RoomLog room = rooms.get(message.room());
        if (room == null) {
            room = new RoomLog(emptyRooms.remove(message.room()));
            rooms.put(message.room(), room);
            weight += ROOM_WEIGHT;
        }
        room.messages.add(message);
        all.add(message);
        weight += weightOf(message);
        last = message.id();
    }

    /** Returns the oldest message of all rooms, or null if there is none. */
    @Nullable
    Message oldest() {
        while (!all.isEmpty() && isDead(all.get(0))) {
            weight -= weightOf(all.removeFirst());
            dead--;
        }
        return all.isEmpty() ? null : all.get(0);
    }

    /** Returns the number of messages in {@code room}. */
    int sizeOf(Room room) {
        RoomLog log = rooms.get(room);
        return log == null ? 0 : log.messages.size();
    }

    /** Removes the oldest message of {@code room}, which must not be empty, and returns its id. */
    MessageId removeOldest(Room room) {
        RoomLog log = rooms.get(room);
        if (log == null) {
            throw new IllegalArgumentException("room: " + room + " (expected: a room with messages)");
        }
        Message removed = log.messages.removeFirst();
        log.trimmedThrough = removed.id();
        trimmed = MessageId.max(trimmed, removed.id());
        if (log.messages.isEmpty()) {
            rooms.remove(room);
            weight -= ROOM_WEIGHT;
            emptyRooms.add(room, removed.id());
        }
        if (all.get(0).id().equals(removed.id())) {
            weight -= weightOf(all.removeFirst());
        } else {
            dead++;
        }
        return removed.id();
    }

    /** Frees the memory of dead messages, if there are enough of them to justify an iteration over all messages. */
    void sweep() {
        if (dead <= size() / 8) {
            return;
        }
        IdRing<Message> live = new IdRing<>(Message::id);
        for (int i = 0; i < all.size(); i++) {
            Message message = all.get(i);
            if (isDead(message)) {
                weight -= weightOf(message);
            } else {
                live.add(message);
            }
        }
        all = live;
        dead = 0;
    }

    /**
     * Visits the messages of {@code rooms} with {@code id > after}, in id order, until {@code visitor} returns false.
     */
    void forEachAfter(RoomSet rooms, MessageId after, Predicate<Message> visitor) {
        visit(IdMerge.after(messagesOf(rooms), after), visitor);
    }

    /**
     * Visits the messages of {@code rooms} with {@code id < before}, newest first, until {@code visitor} returns false.
     */
    void forEachBefore(RoomSet rooms, MessageId before, Predicate<Message> visitor) {
        visit(IdMerge.before(messagesOf(rooms), before), visitor);
    }

    private static void visit(IdMerge<Message> merge, Predicate<Message> visitor) {
        Message message = merge.poll();
        while (message != null && visitor.test(message)) {
            message = merge.poll();
        }
    }

    /** Visits the messages of all rooms with {@code id > after}, in id order, until {@code visitor} returns false. */
    void forEachAfter(MessageId after, Predicate<Message> visitor) {
        for (int i = all.firstAfter(after); i < all.size(); i++) {
            Message message = all.get(i);
            if (!isDead(message) && !visitor.test(message)) {
                return;
            }
        }
    }

    /** See {@link MessageStore#floor(MessageId)}. */
    MessageId floor(MessageId cursor) {
        int after = all.firstAfter(cursor);
        MessageId nearest = after == 0 ? null : all.get(after - 1).id();
        return MessageStore.floor(cursor, emptyRooms.origin(), trimmed, nearest);
    }

    private List<IdRing<Message>> messagesOf(RoomSet set) {
        return set.rooms().stream()
                .map(rooms::get)
                .filter(room -> room != null)
                .map(room -> room.messages)
                .toList();
    }

    private boolean isDead(Message message) {
        return !message.id().isAfter(trimmedThrough(message.room()));
    }

    private static long weightOf(Message message) {
        return 256 + 2L * message.body().length();
    }
}
