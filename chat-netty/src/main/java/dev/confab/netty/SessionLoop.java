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

/**
 * The sessions of one event loop, by room, and by name if the client knows it. Confined to this loop, except
 * {@link #reserve}.
 */
final class SessionLoop {
    /**
     * The number of live events that may wait for this loop. Further ones are dropped, because live events are best
     * effort, and the loop is late.
     */
    private static final int MAX_WAITING = 256;

    private final Sessions sessions;
    private final EventLoop executor;
    private final AtomicInteger waiting = new AtomicInteger();
    // Polls are not in this map: they come and go with each entry, and no client knows the name of its poll.
    private final LongObjectMap<SessionEntry> names = new LongObjectHashMap<>();
    private final Map<RoomSet, Readers> readers = new HashMap<>();
    private final Map<Room, Set<Readers>> rooms = new HashMap<>();
    // The last set that was looked up. Equal requests share one set, and often follow each other.
    private @Nullable RoomSet latestSet;
    private @Nullable Readers latest;

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
        Readers same = readersOf(entry.rooms);
        same.sessions.add(entry);
        entry.readers = same;
        if (entry.isNamed()) {
            names.put(entry.number(), entry);
        }
    }

    private Readers readersOf(RoomSet set) {
        if (latest != null && latestSet == set) {
            return latest;
        }
        Readers same = readers.get(set);
        if (same == null) {
            same = new Readers(set);
            readers.put(set, same);
            for (Room room : set.rooms()) {
                rooms.computeIfAbsent(room, r -> new HashSet<>(2)).add(same);
            }
        }
        latestSet = set;
        latest = same;
        return same;
    }

    void remove(SessionEntry entry) {
        Readers same = Objects.requireNonNull(entry.readers);
        same.sessions.remove(entry);
        entry.readers = null;
        if (same.sessions.isEmpty()) {
            forget(same);
        }
        if (entry.isNamed()) {
            names.remove(entry.number());
        }
    }

    void closed(SessionEntry entry) {
        sessions.closed(entry);
    }

    private void forget(Readers gone) {
        latestSet = null;
        latest = null;
        readers.remove(gone.set);
        for (Room room : gone.set.rooms()) {
            Set<Readers> others = rooms.get(room);
            if (others != null && others.remove(gone) && others.isEmpty()) {
                rooms.remove(room);
            }
        }
    }

    /** Looks for a session whose client knows its name. */
    @Nullable
    SessionEntry findNamed(long number) {
        return names.get(number);
    }

    /** Looks for a session whose client does not know its name. This may look at every session. */
    @Nullable
    SessionEntry findUnnamed(long number) {
        for (Readers same : readers.values()) {
            for (SessionEntry entry = same.sessions.first(); entry != null; entry = entry.after()) {
                if (entry.number() == number && !entry.isNamed()) {
                    return entry;
                }
            }
        }
        return null;
    }

    /** Returns a copy of the sessions that read {@code room}, or of all sessions if it is null. */
    List<SessionEntry> in(@Nullable Room room) {
        List<SessionEntry> found = new ArrayList<>();
        if (room == null) {
            readers.values().forEach(same -> same.sessions.forEach(found::add));
        } else {
            rooms.getOrDefault(room, Set.of()).forEach(same -> same.sessions.forEach(found::add));
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
        private final RoomSet set;
        private final IntrusiveList<SessionEntry> sessions = new IntrusiveList<>();

        private Readers(RoomSet set) {
            this.set = set;
        }
    }
}
