package dev.confab.netty;

import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<RoomSet, List<SessionEntry>> readers = new HashMap<>();
    private final Map<Room, List<List<SessionEntry>>> rooms = new HashMap<>();

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
        List<SessionEntry> list = readers.get(entry.rooms);
        if (list == null) {
            list = new ArrayList<>(1);
            readers.put(entry.rooms, list);
            for (Room room : entry.rooms.rooms()) {
                rooms.computeIfAbsent(room, r -> new ArrayList<>(1)).add(list);
            }
        }
        entry.list = list;
        entry.index = list.size();
        list.add(entry);
        names.put(entry.number(), entry);
    }

    void remove(SessionEntry entry) {
        List<SessionEntry> list = entry.list;
        SessionEntry moved = list.remove(list.size() - 1);
        if (moved != entry) {
            list.set(entry.index, moved);
            moved.index = entry.index;
        }
        entry.index = -1;
        entry.list = List.of();
        if (list.isEmpty()) {
            forget(entry.rooms, list);
        }
        names.remove(entry.number());
    }

    void closed(SessionEntry entry) {
        sessions.closed(entry);
    }

    private void forget(RoomSet set, List<SessionEntry> list) {
        readers.remove(set);
        for (Room room : set.rooms()) {
            List<List<SessionEntry>> lists = rooms.get(room);
            if (lists != null) {
                lists.removeIf(each -> each == list);
                if (lists.isEmpty()) {
                    rooms.remove(room);
                }
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
            readers.values().forEach(found::addAll);
        } else {
            rooms.getOrDefault(room, List.of()).forEach(found::addAll);
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
}
