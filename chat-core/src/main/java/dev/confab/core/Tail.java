package dev.confab.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The recent entries of all rooms, in memory, bounded in bytes. One thread at a time writes entries, in log order; any
 * thread may read. Every method holds the monitor for microseconds. Feeds are signalled without the monitor.
 *
 * <p>A room has a state here only while it has entries here or feeds, so that unused room names cost nothing.
 */
final class Tail {
    /**
     * The cost of a room's state in bytes. The cost is counted with every entry, because the entry could be the only
     * entry of its room.
     */
    private static final int ROOM_OVERHEAD = 250;

    private final long maxBytes;
    private final IdRing<Entry> log = new IdRing<>(Entry::id);
    private final Map<Room, RoomTail> rooms = new HashMap<>();
    private MessageId evicted;
    private long bytes;
    private long evictedBySize;
    private long evictedByAge;
    private volatile MessageId head;
    private volatile long trims;

    Tail(MessageId start, long maxBytes) {
        this.maxBytes = maxBytes;
        this.evicted = start;
        this.head = start;
    }

    /** Returns the newest id that readers may see. The id never decreases. */
    MessageId head() {
        return head;
    }

    /**
     * Returns a number that changes whenever retention has removed messages on this node. Entries that were read
     * before the change must not be given to further readers.
     */
    long trims() {
        return trims;
    }

    long maxBytes() {
        return maxBytes;
    }

    /**
     * Adds committed entries and wakes the readers of their rooms. All entries are above the head, in the order of
     * their ids.
     *
     * @param trimmed for each trimmed room whose entries may be missing from {@code entries}, the id up to which the
     *     room was trimmed
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
            countTrim(trimmed);
            touched.forEach(room -> woken.addAll(room.feeds));
            head = entries.get(entries.size() - 1).id();
            while (bytes > maxBytes && log.size() > 1) {
                evictFirst();
                evictedBySize++;
            }
        }
        Feed.signal(woken);
    }

    /**
     * Adds older entries below the oldest entry here. The head does not change, so no reader is woken.
     *
     * @param from the cursor at which the tail starts afterwards
     * @param to the cursor at which the tail starts now
     * @param older all entries in the store with {@code from < id <= to}, in the order of their ids
     * @param trimmed for each room whose entries may be missing in {@code older}, the id up to which the room was
     *     trimmed
     * @param seen the value of {@link #trims()} before {@code trimmed} was read
     * @return false when the tail is full, does not start at {@code to} any more, or was trimmed since {@code seen}; no
     *     further entries can be added then
     */
    synchronized boolean prepend(
            MessageId from, MessageId to, List<Entry> older, Map<Room, MessageId> trimmed, long seen) {
        if (!to.equals(evicted) || seen != trims) {
            return false;
        }
        MessageId start = from;
        for (int i = older.size() - 1; i >= 0; i--) {
            Entry entry = older.get(i);
            if (bytes + cost(entry) > maxBytes) {
                start = entry.id();
                break;
            }
            Room name = entry.message().room();
            MessageId mark = trimmed.get(name);
            if (mark == null || entry.id().isAfter(mark)) {
                log.addFirst(entry);
                rooms.computeIfAbsent(name, r -> new RoomTail(evicted)).entries.addFirst(entry);
                bytes += cost(entry);
            }
        }
        startAt(start, trimmed);
        return start.equals(from);
    }

    /** Evicts entries up to {@code through}, by age. Readers of older entries read from the store. */
    synchronized void evictThrough(MessageId through) {
        while (!log.isEmpty() && !log.get(0).id().isAfter(through)) {
            evictFirst();
            evictedByAge++;
        }
        // Removes the states of rooms that were trimmed and have no new entries.
        rooms.values().removeIf(this::isIdle);
    }

    /** Removes entries that retention has removed from the store, so that they are not read from memory either. */
    synchronized void trim(Map<Room, MessageId> trimmed) {
        trimmed.forEach((name, through) -> {
            RoomTail room = rooms.get(name);
            if (room != null) {
                trim(room, through);
            }
        });
        countTrim(trimmed);
    }

    private synchronized void countTrim(Map<Room, MessageId> trimmed) {
        if (!trimmed.isEmpty()) {
            trims++;
        }
    }

    /** All entries after {@code start} are here, except the trimmed ones. */
    private void startAt(MessageId start, Map<Room, MessageId> trimmed) {
        evicted = start;
        rooms.values().forEach(room -> room.evicted = start);
        trimmed.forEach((name, through) -> {
            if (through.isAfter(start)) {
                rooms.computeIfAbsent(name, r -> new RoomTail(start)).evicted = through;
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
     * Returns the entries of these rooms after {@code after}, at most {@code limit}.
     *
     * @return an empty batch when there are no newer entries; null when some of the entries may have been evicted and
     *     must be read from the store
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

    /**
     * Returns whether {@code cursor} is certainly the id of an entry, and no entry after the cursor in these rooms is
     * missing here.
     */
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

    /** Returns the number of rooms that have a state here. */
    synchronized int roomCount() {
        return rooms.size();
    }

    /** Returns the total cost of the entries here, in bytes. */
    synchronized long bytes() {
        return bytes;
    }

    /** Returns the number of entries here. */
    synchronized int size() {
        return log.size();
    }

    /** Returns the number of entries that were evicted because of the bound in bytes. */
    synchronized long evictedBySize() {
        return evictedBySize;
    }

    /** Returns the number of entries that were evicted because of their age. */
    synchronized long evictedByAge() {
        return evictedByAge;
    }

    /** Checks the order before any entry is added, so that a batch in the wrong order changes nothing. */
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
        IdMerge<Entry> merge =
                IdMerge.after(with.stream().map(room -> room.entries).toList(), after);
        List<Entry> merged = new ArrayList<>();
        long bytes = 0;
        for (Entry entry = merge.poll(); entry != null; entry = merge.poll()) {
            bytes += entry.json().length;
            if (!limit.fits(merged.size(), bytes)) {
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
            // A trim may have removed the entry from the room already.
            if (!room.entries.isEmpty() && room.entries.get(0) == first) {
                room.entries.removeFirst();
            }
            room.evicted = MessageId.max(room.evicted, first.id());
            removeIfIdle(name, room);
        }
    }

    /**
     * Removes the state of a room without entries and feeds. A room without a state counts as evicted up to
     * {@link #evicted}, so the state must stay while the room's own mark is higher.
     */
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

    /** The state of one room. */
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
            long bytes = 0;
            for (int i = entries.firstAfter(cursor); i < entries.size(); i++) {
                Entry entry = entries.get(i);
                bytes += entry.json().length;
                if (!limit.fits(found.size(), bytes)) {
                    break;
                }
                found.add(entry);
            }
            return found;
        }
    }
}
