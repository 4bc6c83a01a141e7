package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes H2 reuse the space of old pages early, but not the space of a page that the last synced state needs.
 *
 * <p>For each commit H2 writes a chunk: new copies of the changed pages, about 20 kB. Each write is a version of the
 * file. By default H2 reuses the space of a superseded chunk 45 s after it wrote the chunk, and assumes that the disk
 * has all data by then. So a file contains the chunks of the last 45 s. The time does not protect an older chunk: its
 * space is reused with the next version but one. If the power fails before these versions are synced, the last synced
 * state is no longer complete, and recovery takes a much older state.
 *
 * <p>This class counts versions instead of time. H2 keeps the chunks of the last {@value #KEPT_VERSIONS} versions, and
 * a sync follows before half as many versions are written. H2's background thread and an application write without a
 * sync, and H2 writes some versions without a sync while it closes a database.
 *
 * <p>Thread-safe.
 */
final class H2Space {
    private static final Logger LOG = LoggerFactory.getLogger(H2Space.class);

    private static final int KEPT_VERSIONS = 64;
    private static final int UNSYNCED_VERSIONS = KEPT_VERSIONS / 2;

    /**
     * A version states which chunks the previous version superseded. Recovery rejects a version if a chunk is missing
     * that this version does not state as superseded.
     */
    private static final int NEEDED_VERSIONS = 2;

    /** A file is shrunk until this percentage of its space is used. */
    private static final int OPEN_FILL_RATE = 50;

    private static final int CLOSED_FILL_RATE = 90;

    /** The bytes that are moved at a time, as H2 does at a shutdown. */
    private static final int STEP = 16 << 20;

    private static final long MAX_SHRINK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MVStore store;
    private final FileStore<?> file;
    private final boolean isTimeSet;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile long synced;
    private volatile boolean closed;

    private H2Space(Database database, Durability durability) {
        this.store = database.getStore().getMvStore();
        this.file = store.getFileStore();
        this.isTimeSet = database.findSetting("RETENTION_TIME") != null;
        // Without syncs, only the time protects a state.
        this.closed = file.isReadOnly() || durability != Durability.FSYNC;
    }

    /** Takes over the space of a file, unless the file is not synced. A retention time of the application is kept. */
    static H2Space of(Database database, Durability durability) {
        H2Space space = new H2Space(database, durability);
        if (!space.closed) {
            space.store.setVersionsToKeep(KEPT_VERSIONS);
            space.sync();
            if (!space.isTimeSet) {
                space.file.setRetentionTime(0);
            }
        }
        return space;
    }

    /**
     * Writes every committed transaction to the file. {@code CHECKPOINT SYNC} alone does not wait for a chunk that H2's
     * background thread is writing at the same time, so this chunk might be written after the sync.
     */
    static void write(Connection connection) throws SQLException {
        MVStore store = session(connection).getDatabase().getStore().getMvStore();
        if (store.isPersistent() && !store.isReadOnly() && store.commit() < 0) {
            store.executeFilestoreOperation(() -> {});
        }
    }

    static SessionLocal session(Connection connection) throws SQLException {
        return (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    }

    /** Called before each use of a connection. */
    void syncIfDue() {
        if (isDue() && lock.tryLock()) {
            try {
                if (isDue()) {
                    sync();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isDue() {
        return !closed && store.getCurrentVersion() - synced >= UNSYNCED_VERSIONS;
    }

    private void sync() {
        store.executeFilestoreOperation(() -> {
            file.sync();
            synced = store.getCurrentVersion();
        });
    }

    /** Gives space back to the file system after rows were deleted. H2 itself does that only while it is busy. */
    void shrink() {
        lock.lock();
        try {
            if (!closed) {
                shrink(OPEN_FILL_RATE);
            }
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
            if (!store.isClosed()) {
                shrink(CLOSED_FILL_RATE);
                if (!isTimeSet) {
                    file.setRetentionTime(file.getDefaultRetentionTime());
                }
            }
        } catch (MVStoreException e) {
            LOG.debug("The database failed while its file was shrunk", e);
        } finally {
            lock.unlock();
        }
    }

    private void shrink(int fillRate) {
        long end = System.nanoTime() + MAX_SHRINK_NANOS;
        release();
        int rate = -1;
        // The few small chunks of a small file never reach the rate.
        while (file.getChunksFillRate() > rate && System.nanoTime() - end < 0) {
            rate = file.getChunksFillRate();
            if (!store.compact(fillRate, STEP)) {
                break;
            }
            release();
        }
        long size = Long.MAX_VALUE;
        while (file instanceof RandomAccessStore chunks && file.size() < size && System.nanoTime() - end < 0) {
            size = file.size();
            chunks.compactMoveChunks(fillRate, STEP, store);
            release();
        }
    }

    /** Releases all superseded chunks. Nothing is written between the sync and the release. */
    private void release() {
        for (int i = 0; i <= NEEDED_VERSIONS; i++) {
            // H2 writes a version only if something was changed.
            store.setStoreVersion(store.getStoreVersion());
            store.commit();
        }
        store.executeFilestoreOperation(() -> {
            file.sync();
            synced = store.getCurrentVersion();
            store.setVersionsToKeep(NEEDED_VERSIONS);
            file.dropUnusedChunks();
            store.setVersionsToKeep(KEPT_VERSIONS);
        });
    }
}
