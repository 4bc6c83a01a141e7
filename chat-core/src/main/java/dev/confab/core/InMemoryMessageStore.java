package dev.confab.core;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log that is lost when its process ends: for tests, demos, and chats that need not be kept. An append is "durable"
 * when it is in memory.
 *
 * <p>Memory is bounded. When messages take more than the given number of bytes (the estimate is on the high side), the
 * oldest messages of the whole log are removed, and readers that have not seen them get a gap.
 *
 * <p>The store keeps, for each room, the highest id that was removed. This mark is exact for rooms that hold messages,
 * and for the 65,536 rooms that became empty last. The other empty rooms share one mark, so a reader of such a room may
 * get a gap where no message is missing. The {@value #MAX_KEYS} newest keys are remembered, for 24 h.
 *
 * <p>Thread-safe. Reads run concurrently, take O(log n), and do not block on I/O.
 */
public final class InMemoryMessageStore implements MessageStore {
    /** 256 MiB. */
    public static final long DEFAULT_MAX_BYTES = 256L << 20;

    static final int MAX_KEYS = 1 << 18;

    /** The maximum number of messages that are removed before other calls get the lock. */
    private static final int TRIM_CHUNK = 1_000;

    private final InstantSource clock;
    private final long maxBytes;
    private final MemoryLog log;
    /** The known keys, in id order, because every key is added at the end. */
    private final LinkedHashMap<AppendPlan.Key, AppendPlan.KnownKey> keys = new LinkedHashMap<>();

    private final AppendPlan.Nodes nodes = new AppendPlan.Nodes();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile boolean closed;

    public InMemoryMessageStore() {
        this(InstantSource.system(), DEFAULT_MAX_BYTES);
    }

    /**
     * Creates an empty log with the given clock and memory bound.
     *
     * @param clock gives the time for ids, leases and retention; it may step back
     * @param maxBytes the bound on memory, 1 or more; the newest message is kept even if it is larger
     */
    public InMemoryMessageStore(InstantSource clock, long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 1 or more)");
        }
        this.clock = clock;
        this.maxBytes = maxBytes;
        this.log = new MemoryLog(MessageId.originOf(clock.instant()));
    }

    @Override
    public String toString() {
        return "memory";
    }

    /** Returns false. */
    @Override
    public boolean isBlocking() {
        return false;
    }

    @Override
    public MessageId lastId() {
        return locked(lock.readLock(), log::lastId);
    }

    @Override
    public Appended append(UUID node, List<Draft> drafts) {
        return locked(lock.writeLock(), () -> appendLocked(node, drafts));
    }

    private Appended appendLocked(UUID node, List<Draft> drafts) {
        AppendPlan plan = AppendPlan.of(log.lastId(), clock.instant(), drafts, keys, nodes.present(node));
        plan.messages().forEach(log::add);
        plan.keys().forEach(this::remember);
        plan.participants().forEach((participant, here) -> nodes.setPresent(participant, node, here));
        evict();
        return plan.appended();
    }

    @Override
    public void beginLease(UUID node, Duration length) {
        locked(lock.writeLock(), () -> {
            nodes.setLease(node, clock.instant().plus(length));
            return true;
        });
    }

    @Override
    public boolean renewLease(UUID node, Duration length) {
        return locked(lock.writeLock(), () -> {
            boolean hasLease = nodes.hasLease(node);
            if (hasLease) {
                nodes.setLease(node, clock.instant().plus(length));
            }
            return hasLease;
        });
    }

    @Override
    public boolean hasOtherNodes(UUID node) {
        return locked(lock.readLock(), () -> nodes.hasOthers(node, clock.instant()));
    }

    /** Expires one node in each call, with all of its participants. */
    @Override
    public @Nullable Appended expireNodes(UUID node, boolean alone) {
        return locked(lock.writeLock(), () -> {
            UUID dead = nodes.nextToExpire(node, alone, clock.instant());
            if (dead == null) {
                return null;
            }
            nodes.setLease(dead, null);
            return appendLocked(dead, nodes.leaves(dead));
        });
    }

    @Override
    public Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        return locked(lock.readLock(), () -> {
            Page.Builder page = new Page.Builder(limit);
            log.forEachAfter(rooms, after, message -> !message.id().isAfter(through) && page.add(message));
            return page.build(highestMark(rooms));
        });
    }

    @Override
    public List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        return locked(lock.readLock(), () -> {
            Page.Builder page = new Page.Builder(limit);
            log.forEachBefore(rooms, before, page::add);
            return page.reversed();
        });
    }

    @Override
    public List<Message> readLog(MessageId after, Limit limit) {
        return locked(lock.readLock(), () -> {
            Page.Builder page = new Page.Builder(limit);
            log.forEachAfter(after, page::add);
            return page.messages();
        });
    }

    @Override
    public MessageId startOfLast(RoomSet rooms, int count) {
        return locked(lock.readLock(), () -> {
            int[] left = {count};
            @Nullable MessageId[] start = new MessageId[1];
            log.forEachBefore(rooms, MessageId.MAX, message -> {
                start[0] = message.id();
                return --left[0] >= 0;
            });
            boolean enough = left[0] < 0 && start[0] != null;
            return enough ? MessageId.max(start[0], highestMark(rooms)) : highestMark(rooms);
        });
    }

    @Override
    public MessageId floor(MessageId cursor) {
        return locked(lock.readLock(), () -> log.floor(cursor));
    }

    @Override
    public MessageId trimmedThrough(RoomSet rooms) {
        return locked(lock.readLock(), () -> highestMark(rooms));
    }

    @Override
    public Map<Room, MessageId> trimmedAfter(MessageId after) {
        return locked(lock.readLock(), () -> log.trimmedAfter(after));
    }

    @Override
    public List<Participant> participants(Room room) {
        return locked(lock.readLock(), () -> nodes.participants(room));
    }

    @Override
    public Map<Room, MessageId> trim(Retention retention) {
        Map<Room, MessageId> trimmed = new HashMap<>();
        MessageId cutoff = retention.cutoff(clock.instant());
        repeat(() -> trimOldest(cutoff, trimmed));
        if (retention.maxEntries() != null) {
            for (Room room : log.rooms()) {
                repeat(() -> trimRoom(room, retention, trimmed));
            }
        }
        locked(lock.writeLock(), () -> {
            log.sweep();
            forgetKeys();
            return true;
        });
        return trimmed;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void repeat(Supplier<Integer> chunk) {
        int removed;
        do {
            removed = locked(lock.writeLock(), chunk);
        } while (removed == TRIM_CHUNK);
    }

    private int trimOldest(MessageId cutoff, Map<Room, MessageId> trimmed) {
        int removed = 0;
        for (Message oldest = log.oldest();
                removed < TRIM_CHUNK && oldest != null && cutoff.isAfter(oldest.id());
                oldest = log.oldest()) {
            trimmed.put(oldest.room(), log.removeOldest(oldest.room()));
            removed++;
        }
        return removed;
    }

    private int trimRoom(Room room, Retention retention, Map<Room, MessageId> trimmed) {
        int removed = 0;
        while (removed < TRIM_CHUNK && !retention.allows(log.sizeOf(room))) {
            trimmed.put(room, log.removeOldest(room));
            removed++;
        }
        return removed;
    }

    private void evict() {
        while (log.weight() > maxBytes && log.size() > 1) {
            Message oldest = log.oldest();
            if (oldest != null) {
                log.removeOldest(oldest.room());
            }
        }
    }

    private void remember(AppendPlan.Key name, AppendPlan.KnownKey key) {
        keys.remove(name);
        keys.put(name, key);
        if (keys.size() > MAX_KEYS) {
            keys.remove(keys.keySet().iterator().next());
        }
    }

    private void forgetKeys() {
        Instant now = clock.instant();
        Iterator<AppendPlan.KnownKey> oldest = keys.values().iterator();
        while (oldest.hasNext() && oldest.next().isExpired(now)) {
            oldest.remove();
        }
    }

    private MessageId highestMark(RoomSet rooms) {
        return rooms.rooms().stream().map(log::trimmedThrough).reduce(MessageId.MIN, MessageId::max);
    }

    private <T> T locked(Lock mode, Supplier<T> action) {
        mode.lock();
        try {
            if (closed) {
                throw new StoreException(StoreException.Kind.UNAVAILABLE, "store: closed (expected: open)", null);
            }
            return action.get();
        } finally {
            mode.unlock();
        }
    }
}
