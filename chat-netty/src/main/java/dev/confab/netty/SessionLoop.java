package dev.confab.netty;

import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The sessions of one event loop, by name and by room. Confined to this loop, except {@link #reserve}. */
final class SessionLoop {
    /**
     * The number of live events that may wait for this loop. Further ones are dropped, because live events are best
     * effort, and the loop is late.
     */
    private static final int MAX_WAITING = 256;

    private final Sessions sessions;
    private final EventLoop executor;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongObjectMap<SessionEntry> names = new LongObjectHashMap<>();
    private final Map<RoomSet, Readers> readers = new HashMap<>();
    private final Map<Room, Set<Readers>> rooms = new HashMap<>();

    SessionLoop(Sessions sessions, EventLoop executor) {
        this.sessions = sessions;
        this.executor = executor;
    }

    Sessions sessions() {
        return sessions;
    }

    EventLoop executor() {
        return executor;
    }

    void add(SessionEntry entry) {
        Readers same = readers.get(entry.rooms);
        if (same == null) {
            same = new Readers();
            readers.put(entry.rooms, same);
            for (Room room : entry.rooms.rooms()) {
                rooms.computeIfAbsent(room, r -> new HashSet<>(2)).add(same);
            }
        }
        entry.readers = same;
        entry.index = same.sessions.size();
        same.sessions.add(entry);
        names.put(entry.number(), entry);
    }

    void remove(SessionEntry entry) {
        Readers same = Objects.requireNonNull(entry.readers);
        SessionEntry moved = same.sessions.remove(same.sessions.size() - 1);
        if (moved != entry) {
            same.sessions.set(entry.index, moved);
            moved.index = entry.index;
        }
        entry.readers = null;
        if (same.sessions.isEmpty()) {
            forget(entry.rooms, same);
        }
        names.remove(entry.number());
    }

    void closed(SessionEntry entry) {
        sessions.closed(entry);
    }

    private void forget(RoomSet set, Readers gone) {
        readers.remove(set);
        for (Room room : set.rooms()) {
            Set<Readers> others = rooms.get(room);
            if (others != null && others.remove(gone) && others.isEmpty()) {
                rooms.remove(room);
            }
        }
    }

    @Nullable
    SessionEntry find(long number) {
        return names.get(number);
    }

    /** Returns a copy of the sessions that read {@code room}, or of all sessions if it is null. */
    List<SessionEntry> in(@Nullable Room room) {
        List<SessionEntry> found = new ArrayList<>();
        if (room == null) {
            readers.values().forEach(same -> found.addAll(same.sessions));
        } else {
            rooms.getOrDefault(room, Set.of()).forEach(same -> found.addAll(same.sessions));
        }
        return found;
    }

    /** Returns whether a live event may wait for this loop, and counts the event until {@link #release}. */
    boolean reserve() {
        if (waiting.incrementAndGet() <= MAX_WAITING) {
            return true;
        }
        waiting.decrementAndGet();
        return false;
    }

    void release() {
        waiting.decrementAndGet();
    }

    /** The sessions that read the same rooms. Two of these are equal only if they are the same. */
    static final class Readers {
        private final List<SessionEntry> sessions = new ArrayList<>(1);
    }
}
