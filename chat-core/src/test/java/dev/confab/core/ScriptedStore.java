package dev.confab.core;

import dev.confab.core.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A store in memory that a test controls: the store can refuse drafts, fail, wait at a gate, and share its log with
 * other nodes. Its ids count up from a fixed start, so every run of a test sees the same ids.
 */
public final class ScriptedStore implements MessageStore {
    private final ScriptedLog log;
    private final boolean shared;
    private final boolean blocking;
    private final List<List<Draft>> appends = new CopyOnWriteArrayList<>();
    private final AtomicInteger pages = new AtomicInteger();
    private final Queue<RuntimeException> appendFailures = new ArrayDeque<>();
    private final Queue<RuntimeException> readFailures = new ArrayDeque<>();
    private volatile Predicate<Draft> poison = draft -> false;
    private volatile boolean hasOtherNodes;
    private volatile Gate beforeAppend = opened();
    private volatile Gate afterCommit = opened();
    private volatile Gate beforePage = opened();

    /** Creates a blocking store with a log of its own. */
    public ScriptedStore() {
        this(new ScriptedLog(), false, true);
    }

    private ScriptedStore(ScriptedLog log, boolean shared, boolean blocking) {
        this.log = log;
        this.shared = shared;
        this.blocking = blocking;
    }

    /** Returns a non-blocking store with a log of its own. */
    public static ScriptedStore direct() {
        return new ScriptedStore(new ScriptedLog(), false, false);
    }

    /** Returns a node's blocking store on a log that other nodes may share. */
    public static ScriptedStore on(ScriptedLog log) {
        return new ScriptedStore(log, true, true);
    }

    /** Returns a node's non-blocking store on a log that other nodes may share. */
    public static ScriptedStore directOn(ScriptedLog log) {
        return new ScriptedStore(log, true, false);
    }

    /** Sets what {@link #hasOtherNodes(UUID)} returns. */
    public void setOtherNodes(boolean hasOtherNodes) {
        this.hasOtherNodes = hasOtherNodes;
    }

    /** The log of committed messages. */
    public ScriptedLog log() {
        return log;
    }

    /** Makes the store refuse every batch that contains such a draft. */
    public void refuse(Predicate<Draft> drafts) {
        poison = drafts;
    }

    /** Makes the next {@code times} appends fail without storing anything. */
    public void failAppends(RuntimeException failure, int times) {
        add(appendFailures, failure, times);
    }

    /** Makes the next {@code times} reads of any kind fail. */
    public void failReads(int times) {
        failReads(new StoreException(Kind.UNAVAILABLE, "scripted", null), times);
    }

    /** Makes the next {@code times} reads of any kind fail with {@code failure}. */
    public void failReads(RuntimeException failure, int times) {
        add(readFailures, failure, times);
    }

    /** Returns a gate at which appends wait before anything is stored. */
    public Gate holdAppends() {
        beforeAppend = new Gate();
        return beforeAppend;
    }

    /** Returns a gate at which appends wait after the commit and before they return. */
    public Gate holdAfterCommit() {
        afterCommit = new Gate();
        return afterCommit;
    }

    /** Returns a gate at which reads of pages wait. */
    public Gate holdPages() {
        beforePage = new Gate();
        return beforePage;
    }

    /** All batches that were to be appended, including the failed batches. */
    public List<List<Draft>> appends() {
        return appends;
    }

    /** The number of pages that were requested. */
    public int pages() {
        return pages.get();
    }

    @Override
    public boolean isBlocking() {
        return blocking;
    }

    @Override
    public boolean isShared() {
        return shared;
    }

    @Override
    public boolean hasOtherNodes(UUID node) {
        failIfScripted(readFailures);
        return hasOtherNodes;
    }

    @Override
    public Appended append(UUID node, List<Draft> drafts) {
        appends.add(List.copyOf(drafts));
        beforeAppend.pass();
        failIfScripted(appendFailures);
        if (drafts.stream().anyMatch(poison)) {
            throw new StoreException(Kind.REFUSED, "scripted", null);
        }
        Appended appended = log.append(drafts);
        afterCommit.pass();
        return appended;
    }

    @Override
    public Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        pages.incrementAndGet();
        beforePage.pass();
        failIfScripted(readFailures);
        return log.readAfter(rooms, after, through, limit);
    }

    @Override
    public List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        failIfScripted(readFailures);
        List<Message> all = log.entries(m -> rooms.rooms().contains(m.room()) && before.isAfter(m.id()));
        return all.subList(Math.max(0, all.size() - limit.entries()), all.size());
    }

    @Override
    public List<Message> readLog(MessageId after, Limit limit) {
        failIfScripted(readFailures);
        List<Message> all = log.entries(m -> m.id().isAfter(after));
        return all.subList(0, Math.min(limit.entries(), all.size()));
    }

    @Override
    public MessageId lastId() {
        failIfScripted(readFailures);
        return log.lastId();
    }

    @Override
    public MessageId startOfLast(RoomSet rooms, int count) {
        failIfScripted(readFailures);
        List<Message> all = log.entries(m -> rooms.rooms().contains(m.room()));
        MessageId mark = log.trimmedThrough(rooms);
        return all.size() <= count
                ? mark
                : MessageId.max(mark, all.get(all.size() - count - 1).id());
    }

    @Override
    public MessageId floor(MessageId cursor) {
        failIfScripted(readFailures);
        return log.floor(cursor);
    }

    @Override
    public MessageId trimmedThrough(RoomSet rooms) {
        failIfScripted(readFailures);
        return log.trimmedThrough(rooms);
    }

    @Override
    public Map<Room, MessageId> trimmedAfter(MessageId after) {
        failIfScripted(readFailures);
        return log.trimmedAfter(after);
    }

    @Override
    public List<Participant> participants(Room room) {
        return List.of();
    }

    @Override
    public void beginLease(UUID node, Duration length) {}

    @Override
    public boolean renewLease(UUID node, Duration length) {
        return true;
    }

    @Override
    public Appended expireNodes(UUID node, boolean alone) {
        return null;
    }

    @Override
    public Map<Room, MessageId> trim(Retention retention) {
        failIfScripted(readFailures);
        return log.trim(retention);
    }

    @Override
    public void close() {}

    private static Gate opened() {
        Gate gate = new Gate();
        gate.open();
        return gate;
    }

    private static void add(Queue<RuntimeException> script, RuntimeException failure, int times) {
        synchronized (script) {
            script.addAll(new ArrayList<>(java.util.Collections.nCopies(times, failure)));
        }
    }

    private static void failIfScripted(Queue<RuntimeException> script) {
        RuntimeException failure;
        synchronized (script) {
            failure = script.poll();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
