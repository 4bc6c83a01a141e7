package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reuses the space of old pages of an H2 file early, but not the space of a page that the last synced state needs.
 *
 * <p>For each commit H2 writes a chunk: new copies of the changed pages, about 20 kB. Each chunk is a version of the
 * file. By default H2 reuses the space of a superseded chunk 45 s after it wrote the chunk, and assumes that the disk
 * has all data by then. So a file contains the chunks of the last 45 s. The time does not protect an older chunk: its
 * space is reused with the next version but one. If the power fails before these versions are synced, the last synced
 * state is no longer complete, and recovery takes a much older state.
 *
 * <p>So this class does three things instead of H2:
 *
 * <ul>
 *   <li>It releases chunks. H2 itself releases nothing, because the time is set to more than three weeks. Right after a
 * sync, while nothing is written, this class releases the chunks that the synced state does not need.
 *   <li>It writes what an application commits without a sync. H2's background thread is stopped, because H2 then writes
 * a version in the thread that commits it. Otherwise H2 writes versions in a queue, and a version does not list the
 * chunk of an earlier version that is still in this queue. When such a version is the newest one after a kill, H2
 * cannot read it.
 *   <li>It rewrites chunks of which little is used, like H2's background thread. It does not move chunks, as H2 does:
 * H2 does not sync the copies before it writes the version that lists their new positions.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class H2Space {
    private static final Logger LOG = LoggerFactory.getLogger(H2Space.class);

    /** The retention time with which H2 releases no chunk. */
    private static final int FOREVER = Integer.MAX_VALUE;

    /** The versions that are written before a sync follows and chunks are released. */
    private static final int UNSYNCED_VERSIONS = 32;

    /** H2 releases chunks by itself while it closes a database, and keeps the ones of this number of versions. */
    private static final int KEPT_VERSIONS = 2 * UNSYNCED_VERSIONS;

    /**
     * A version states which chunks the previous version superseded. Recovery rejects a version if a chunk is missing
     * that this version does not state as superseded.
     */
    private static final int NEEDED_VERSIONS = 2;

    /** An open file is rewritten while less than this percentage of its chunks is used. */
    private static final int OPEN_FILL_RATE = 70;

    private static final int CLOSED_FILL_RATE = 90;

    /** An open file with less unused space than this is not rewritten. */
    private static final long TOLERATED_BYTES = 2 << 20;

    /** The bytes that are rewritten at a time; commits wait for this. */
    private static final int OPEN_STEP = 2 << 20;

    /** As for H2's own compaction at the closing of a database. */
    private static final int STEP = 16 << 20;

    /** A small file has a few chunks that are never full. */
    private static final int MAX_VAIN_PASSES = 2;

    private static final long MAX_SHRINK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MVStore store;
    private final FileStore<?> file;
    /** The retention time of the application, or null. */
    private final @Nullable Integer retentionTime;

    private final ReentrantLock lock = new ReentrantLock();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "confab-h2-writer");
        thread.setDaemon(true);
        return thread;
    });

    /** The milliseconds between two writes of changes that were not synced: {@code WRITE_DELAY}. */
    private volatile int delay = H2Dialect.WRITE_DELAY;

    private volatile long synced;
    private volatile boolean closed;

    /** The newest version after the last rewriting; guarded by the lock. */
    private long rewritten;

    private H2Space(Database database, Durability durability) {
        this.store = database.getStore().getMvStore();
        this.file = store.getFileStore();
        this.retentionTime = database.findSetting("RETENTION_TIME") == null ? null : file.getRetentionTime();
        // Without syncs, only the time protects a state.
        this.closed = file.isReadOnly() || durability != Durability.FSYNC;
    }

    /** Takes over the space of a file, unless the file is not synced. A retention time of the application is kept. */
    static H2Space of(Database database, Durability durability) {
        H2Space space = new H2Space(database, durability);
        if (space.closed) {
            space.writer.shutdown();
        } else {
            space.store.setVersionsToKeep(KEPT_VERSIONS);
            space.retainFor(FOREVER);
            space.stopBackgroundWriter();
            // The background thread may have written a version that does not list all chunks.
            space.writeVersion();
            space.release();
            space.scheduleWrite();
        }
        return space;
    }

    static SessionLocal session(Connection connection) throws SQLException {
        return (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    }

    /** Stops H2's background thread, for a database in a file that is synced. */
    static void stopBackgroundWriter(Connection connection) throws SQLException {
        MVStore store = session(connection).getDatabase().getStore().getMvStore();
        if (store.isPersistent() && !store.isReadOnly()) {
            stopBackgroundWriter(store);
        }
    }

    private static void stopBackgroundWriter(MVStore store) {
        // H2 waits for the end of the thread with 0 only. With a negative number it does not write each transaction.
        store.setAutoCommitDelay(0);
        store.setAutoCommitDelay(-1);
    }

    /** An application may start the background thread again, by {@code SET WRITE_DELAY}. */
    private void stopBackgroundWriter() {
        int set = store.getAutoCommitDelay();
        if (set > 0) {
            delay = set;
            stopBackgroundWriter(store);
        }
    }

    /** Called before each use of a connection. */
    void check() {
        if (!closed && (store.getAutoCommitDelay() > 0 || isDue()) && lock.tryLock()) {
            try {
                if (!closed) {
                    stopBackgroundWriter();
                }
                if (!closed && isDue()) {
                    release();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isDue() {
        return store.getCurrentVersion() - synced >= UNSYNCED_VERSIONS;
    }

    private void scheduleWrite() {
        writer.schedule(this::write, delay, TimeUnit.MILLISECONDS);
    }

    private void write() {
        lock.lock();
        try {
            if (closed || store.isClosed()) {
                writer.shutdown();
                return;
            }
            stopBackgroundWriter();
            store.commit();
            if (store.getCurrentVersion() != synced) {
                release();
            }
            if (isSparse()) {
                rewrite(OPEN_STEP);
                store.commit();
                rewritten = store.getCurrentVersion();
            }
            scheduleWrite();
        } catch (MVStoreException e) {
            LOG.debug("The database failed at a write", e);
            writer.shutdown();
        } finally {
            lock.unlock();
        }
    }

    private boolean isSparse() {
        int rate = file.getChunksFillRate();
        long unused = file.size() / 100 * (100 - rate);
        return rate < OPEN_FILL_RATE && unused > TOLERATED_BYTES && store.getCurrentVersion() != rewritten;
    }

    /** Gives space back to the file system after rows were deleted. */
    void shrink() {
        lock.lock();
        try {
            if (!closed) {
                shrink(OPEN_FILL_RATE);
            }
        } catch (MVStoreException e) {
            // The rows are deleted nevertheless; the next use of a connection notices the failure.
            LOG.debug("The database failed while its file was shrunk", e);
        } finally {
            lock.unlock();
        }
    }

    /** Shrinks the file, and leaves its space to H2 again. */
    void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            writer.shutdown();
            if (!store.isClosed()) {
                shrink(CLOSED_FILL_RATE);
                release();
                retainFor(file.getDefaultRetentionTime());
                store.setAutoCommitDelay(delay);
            }
        } catch (MVStoreException e) {
            LOG.debug("The database failed while its file was shrunk", e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Rewrites the file until its space is used to this percentage. The first pass may copy pages to the end of the
     * file, into free space behind them, and the next pass copies them to the start.
     */
    private void shrink(int fillRate) {
        long end = System.nanoTime() + MAX_SHRINK_NANOS;
        settle();
        long smallest = file.size();
        int vain = 0;
        while (vain < MAX_VAIN_PASSES
                && Math.min(file.getFillRate(), file.getChunksFillRate()) < fillRate
                && rewrite(STEP)
                && System.nanoTime() - end < 0) {
            settle();
            vain = file.size() < smallest ? 0 : vain + 1;
            smallest = Math.min(smallest, file.size());
        }
    }

    /** Copies the used pages of chunks with many unused pages; the next version writes the copies. */
    private boolean rewrite(int bytes) {
        // H2 rewrites only the chunks that it might release. Meanwhile, it keeps the chunks by versions.
        retainFor(0);
        try {
            return store.compact(100, bytes);
        } finally {
            retainFor(FOREVER);
        }
    }

    private void retainFor(int time) {
        file.setRetentionTime(retentionTime == null ? time : retentionTime);
    }

    /** Releases all superseded chunks, and cuts the unused end of the file. */
    private void settle() {
        for (int i = 0; i <= NEEDED_VERSIONS; i++) {
            writeVersion();
        }
        release();
        // H2 cuts the file after it has written a version.
        writeVersion();
    }

    private void writeVersion() {
        // H2 writes a version only if something was changed.
        store.setStoreVersion(store.getStoreVersion());
        store.commit();
    }

    /** Syncs the file, and releases the chunks that the synced state does not need. */
    private void release() {
        store.executeFilestoreOperation(() -> {
            file.sync();
            synced = store.getCurrentVersion();
            store.setVersionsToKeep(NEEDED_VERSIONS);
            retainFor(0);
            file.dropUnusedChunks();
            retainFor(FOREVER);
            store.setVersionsToKeep(KEPT_VERSIONS);
        });
    }
}
