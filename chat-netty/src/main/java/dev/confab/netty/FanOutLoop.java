package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.MessageId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One event loop's part of a fan-out: its groups, and the sweeps over its readers. Confined to the loop. */
final class FanOutLoop {
    /** The largest number of groups without readers. Such groups are kept for a while, because pollers come back. */
    private static final int MAX_IDLE_GROUPS = 1_000;

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The number of bytes of encoded batches above which the batches are not kept for later readers. */
    private static final long MAX_CACHED_BYTES = 4 << 20;

    /** The number of readers that a sweep visits in one turn; then the loop can do other work. */
    private static final int SWEPT_PER_TURN = 64;

    private final FanOut<?> fanOut;
    private final EventLoop executor;
    private final Map<View, Group> groups = new HashMap<>();
    private final Map<Group, Long> idle = new LinkedHashMap<>();
    private final Set<Reader> blocked = new LinkedHashSet<>();
    private final IntrusiveList<Reader> readers = new IntrusiveList<>();
    private final Set<Sweep> sweeps = new HashSet<>();
    private final LoopStats stats = new LoopStats();
    private long cachedBytes;
    private boolean watching;
    private boolean keeping;
    private boolean closed;

    FanOutLoop(FanOut<?> fanOut, EventLoop executor) {
        this.fanOut = fanOut;
        this.executor = executor;
    }

    FanOut<?> fanOut() {
        return fanOut;
    }

    EventLoop executor() {
        return executor;
    }

    LoopStats stats() {
        return stats;
    }

    ByteBuf encode(Batch batch) {
        fanOut.countEncode();
        return fanOut.encoder().encode(batch, PooledByteBufAllocator.DEFAULT);
    }

    void join(Reader reader, View view, MessageId cursor) {
        Group group = groups.get(view);
        if (group == null) {
            group = new Group(this, view);
            groups.put(view, group);
        }
        idle.remove(group);
        readers.add(reader);
        fanOut.joined();
        keepAlive();
        group.join(reader, cursor);
    }

    void left(Group group, Reader reader) {
        if (!sweeps.isEmpty()) {
            sweeps.forEach(sweep -> sweep.leave(reader));
        }
        readers.remove(reader);
        fanOut.left();
        if (group.isEmpty()) {
            group.idle();
            idle.put(group, executor.ticker().nanoTime());
            if (closed || idle.size() > MAX_IDLE_GROUPS) {
                closeFirstIdle();
            }
            watch();
        }
    }

    void blocked(Reader reader) {
        reader.blockedSince = executor.ticker().nanoTime();
        reader.pendingBytes = pendingBytes(reader);
        blocked.add(reader);
        watch();
    }

    void unblocked(Reader reader) {
        blocked.remove(reader);
    }

    void cached(int bytes) {
        cachedBytes += bytes;
    }

    boolean isCacheFull() {
        return cachedBytes > MAX_CACHED_BYTES;
    }

    int groupCount() {
        return groups.size();
    }

    /** Calls {@code action} on every reader, a few at a time, spread over {@code nanos}. */
    void forEach(Consumer<Reader> action, long nanos) {
        long turns = Math.max(1, readers.size() / SWEPT_PER_TURN);
        Sweep sweep = new Sweep(readers.first());
        sweeps.add(sweep);
        sweep(sweep, action, nanos / turns);
    }

    /** Closes the groups without readers. From now on, a group is closed as soon as its last reader leaves. */
    void close() {
        closed = true;
        while (!idle.isEmpty()) {
            closeFirstIdle();
        }
    }

    private void sweep(Sweep sweep, Consumer<Reader> action, long pause) {
        for (int visited = 0; visited < SWEPT_PER_TURN && sweep.next != null; visited++) {
            Reader reader = sweep.visit();
            try {
                action.accept(reader);
            } catch (RuntimeException e) {
                Group.fail(reader, e);
            }
        }
        if (sweep.next == null) {
            sweeps.remove(sweep);
        } else {
            executor.schedule(() -> sweep(sweep, action, pause), pause, TimeUnit.NANOSECONDS);
        }
    }

    private void keepAlive() {
        long interval = fanOut.config().keepAlive().toMillis();
        if (!keeping && interval > 0) {
            keeping = true;
            executor.schedule(
                    () -> {
                        keeping = false;
                        if (!readers.isEmpty()) {
                            forEach(Reader::keepAlive, 0);
                            keepAlive();
                        }
                    },
                    interval,
                    TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Starts the timer for blocked readers and idle groups. There is one timer, and it runs only while there are any.
     */
    private void watch() {
        if (watching || closed) {
            return;
        }
        watching = true;
        long stuckMillis = fanOut.config().stuckAfter().toMillis();
        executor.schedule(this::look, Math.max(50, Math.min(10_000, stuckMillis / 6)), TimeUnit.MILLISECONDS);
    }

    private void look() {
        watching = false;
        long now = executor.ticker().nanoTime();
        long stuckNanos = fanOut.config().stuckAfter().toNanos();
        for (Reader reader : List.copyOf(blocked)) {
            long pending = pendingBytes(reader);
            if (pending != reader.pendingBytes) {
                reader.pendingBytes = pending;
                reader.blockedSince = now;
            } else if (now - reader.blockedSince >= stuckNanos) {
                blocked.remove(reader);
                CloseCause.SLOW.markOn(reader.channel());
                reader.stuck();
            }
        }
        while (!idle.isEmpty() && now - idle.values().iterator().next() >= IDLE_NANOS) {
            closeFirstIdle();
        }
        if (!blocked.isEmpty() || !idle.isEmpty()) {
            watch();
        }
    }

    private void closeFirstIdle() {
        Iterator<Group> first = idle.keySet().iterator();
        Group group = first.next();
        first.remove();
        groups.remove(group.view());
        group.close();
    }

    private static long pendingBytes(Reader reader) {
        @Nullable ChannelOutboundBuffer pending = reader.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /** A visit to each reader of the loop, from the newest to the oldest, without the readers that join meanwhile. */
    private static final class Sweep {
        private @Nullable Reader next;

        Sweep(@Nullable Reader first) {
            next = first;
        }

        Reader visit() {
            Reader visited = Objects.requireNonNull(next);
            next = visited.after();
            return visited;
        }

        void leave(Reader reader) {
            if (next == reader) {
                next = reader.after();
            }
        }
    }
}
