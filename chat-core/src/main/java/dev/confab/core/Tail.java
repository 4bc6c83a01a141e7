package dev.confab.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The recent entries of all rooms, in memory, bounded in bytes. It is written in log order by one thread at a time and read by
 * any; every method takes the monitor for microseconds. Feeds are signalled outside of it.
 *
 * <p>A room has a state here only while it has entries here or feeds, so names that nobody uses cost nothing.
 */
final class Tail {
    /** What a room's state costs, counted with each entry that could be its only one. */
    private static final int ROOM_OVERHEAD = 250;

    private final long maxBytes;
    private final IdRing<Entry> log = new IdRing<>(Entry::id);
    private final Map<Room, RoomTail> rooms = new HashMap<>();
    private MessageId evicted;
    private long bytes;
    private volatile MessageId head;

    Tail(MessageId start, long maxBytes) {
        this.maxBytes = maxBytes;
        this.evicted = start;
        this.head = start;
    }

    /** The newest id that readers may see. Never decreases. */
    MessageId head() {
        return head;
    }

    /**
     * Adds committed entries, all above the head, in id order, and wakes who reads their rooms.
     *
     * @param trimmed how far rooms were trimmed whose entries may be missing among these
     */
    void append(List<Entry> entries, Map<Room, MessageId> trimmed) {
        if (entries.isEmpty()) {
            return;
        }
        Set<RoomTail> touched = new LinkedHashSet<>();
        Set<Feed> woken = new LinkedHashSet<>();
        synchronized (this) {
            checkOrder(entries);
            for (Entry entry : entries) {
                RoomTail room = rooms.computeIfAbsent(entry.message().room(), r -> new RoomTail(evicted));
                log.add(entry);
                room.entries.add(entry);
                bytes += cost(entry);
                touched.add(room);
            }
            trimmed.forEach((name, through) -> trim(rooms.computeIfAbsent(name, r -> new RoomTail(evicted)), through));
            touched.forEach(room -> woken.addAll(room.feeds));
            head = entries.get(entries.size() - 1).id();
            while (bytes > maxBytes && log.size() > 1) {
                evictFirst();
            }
        }
        woken.forEach(Feed::signal);
    }

    /** Lets go of entries up to {@code through}, by age: readers further back go to the store. */
    synchronized void evictThrough(MessageId through) {
        while (!log.isEmpty() && !log.get(0).id().isAfter(through)) {
            evictFirst();
        }
        // Marks of rooms that nobody wrote to since they were trimmed.
        rooms.values().removeIf(this::isIdle);
    }

    /** Retention removed these from the store: from memory they are not read any more either. */
    synchronized void trim(Map<Room, MessageId> trimmed) {
        trimmed.forEach((name, through) -> {
            RoomTail room = rooms.get(name);
            if (room != null) {
                trim(room, through);
            }
        });
    }

    private static void trim(RoomTail room, MessageId through) {
        if (through.isAfter(room.evicted)) {
            while (!room.entries.isEmpty() && !room.entries.get(0).id().isAfter(through)) {
                room.entries.removeFirst();
            }
            room.evicted = through;
        }
    }

    /**
     * What is after {@code after} for these rooms, at most {@code limit}; an empty batch at the end; null when some of it may
     * have been evicted, so that only the store can tell.
     */
    synchronized @Nullable Batch read(RoomSet set, MessageId after, Limit limit) {
        if (!covers(set, after)) {
            return null;
        }
        List<RoomTail> with = new ArrayList<>(set.rooms().size());
        for (Room name : set.rooms()) {
            RoomTail room = rooms.get(name);
            if (room != null && room.hasAfter(after)) {
                with.add(room);
            }
        }
        if (with.isEmpty()) {
            return new Batch(after, MessageId.max(after, head), List.of());
        }
        List<Entry> found = with.size() == 1 ? with.get(0).after(after, limit) : merge(with, after, limit);
        return new Batch(after, found.get(found.size() - 1).id(), found);
    }

    /** Whether {@code cursor} is surely an entry's id, and nothing after it in these rooms is missing here. */
    synchronized boolean knows(RoomSet set, MessageId cursor) {
        if (!covers(set, cursor)) {
            return false;
        }
        if (cursor.equals(evicted) || log.contains(cursor)) {
            return true;
        }
        for (Room name : set.rooms()) {
            RoomTail room = rooms.get(name);
            if (room != null && room.evicted.equals(cursor)) {
                return true;
            }
        }
        return false;
    }

    synchronized void add(Feed feed) {
        for (Room name : feed.rooms().rooms()) {
            rooms.computeIfAbsent(name, r -> new RoomTail(evicted)).feeds.add(feed);
        }
    }

    synchronized void remove(Feed feed) {
        for (Room name : feed.rooms().rooms()) {
            RoomTail room = rooms.get(name);
            if (room != null && room.feeds.remove(feed)) {
                removeIfIdle(name, room);
            }
        }
    }

    /** How many rooms have a state here. */
    synchronized int roomCount() {
        return rooms.size();
    }

    /** What the entries here count for, in bytes. */
    synchronized long bytes() {
        return bytes;
    }

    /** Before any of them is added: a batch that is wrong leaves no trace. */
    private void checkOrder(List<Entry> entries) {
        MessageId last = head;
        for (Entry entry : entries) {
            if (!entry.id().isAfter(last)) {
                throw new IllegalStateException("entry: " + entry.id() + " (expected: above " + last + ")");
            }
            last = entry.id();
        }
    }

    private boolean covers(RoomSet set, MessageId cursor) {
        for (Room name : set.rooms()) {
            RoomTail room = rooms.get(name);
            if ((room == null ? evicted : room.evicted).isAfter(cursor)) {
                return false;
            }
        }
        return true;
    }

    private static List<Entry> merge(List<RoomTail> with, MessageId after, Limit limit) {
        int[] next = new int[with.size()];
        for (int i = 0; i < next.length; i++) {
            next[i] = with.get(i).entries.firstAfter(after);
        }
        List<Entry> merged = new ArrayList<>();
        int bytes = 0;
        while (merged.size() < limit.entries()) {
            int lowest = -1;
            for (int i = 0; i < next.length; i++) {
                IdRing<Entry> entries = with.get(i).entries;
                if (next[i] < entries.size()
                        && (lowest < 0
                                || entries.get(next[i])
                                                .id()
                                                .compareTo(with.get(lowest)
                                                        .entries
                                                        .get(next[lowest])
                                                        .id())
                                        < 0)) {
                    lowest = i;
                }
            }
            if (lowest < 0) {
                break;
            }
            Entry entry = with.get(lowest).entries.get(next[lowest]++);
            bytes += entry.json().length;
            if (bytes > limit.bytes() && !merged.isEmpty()) {
                break;
            }
            merged.add(entry);
        }
        return merged;
    }

    private void evictFirst() {
        Entry first = log.removeFirst();
        evicted = first.id();
        bytes -= cost(first);
        Room name = first.message().room();
        RoomTail room = rooms.get(name);
        if (room != null) {
            // A trim may have taken it from the room before.
            if (!room.entries.isEmpty() && room.entries.get(0) == first) {
                room.entries.removeFirst();
            }
            room.evicted = MessageId.max(room.evicted, first.id());
            removeIfIdle(name, room);
        }
    }

    /** Without a state a room counts as evicted up to {@link #evicted}, so the state stays while its own mark is higher. */
    private void removeIfIdle(Room name, RoomTail room) {
        if (isIdle(room)) {
            rooms.remove(name);
        }
    }

    private boolean isIdle(RoomTail room) {
        return room.entries.isEmpty() && room.feeds.isEmpty() && !room.evicted.isAfter(evicted);
    }

    private static int cost(Entry entry) {
        return entry.weight() + ROOM_OVERHEAD;
    }

    /** One room's part. */
    private static final class RoomTail {
        final IdRing<Entry> entries = new IdRing<>(Entry::id);
        final Set<Feed> feeds = new LinkedHashSet<>(2);
        /** The highest id of this room that may be missing in {@link #entries}. */
        MessageId evicted;

        RoomTail(MessageId evicted) {
            this.evicted = evicted;
        }

        boolean hasAfter(MessageId cursor) {
            return !entries.isEmpty() && entries.last().id().isAfter(cursor);
        }

        List<Entry> after(MessageId cursor, Limit limit) {
            List<Entry> found = new ArrayList<>();
            int bytes = 0;
            int end = Math.min(entries.size(), entries.firstAfter(cursor) + limit.entries());
            for (int i = entries.firstAfter(cursor); i < end; i++) {
                Entry entry = entries.get(i);
                bytes += entry.json().length;
                if (bytes > limit.bytes() && !found.isEmpty()) {
                    break;
                }
                found.add(entry);
            }
            return found;
        }
    }
}
