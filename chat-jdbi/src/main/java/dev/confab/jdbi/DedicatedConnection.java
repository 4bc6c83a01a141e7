package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection in autocommit mode, with a thread that works on it. A lost connection is replaced: the first time at
 * once, then after longer and longer random pauses, so that the nodes do not all connect at the same moment. Safe for
 * any thread.
 */
final class DedicatedConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DedicatedConnection.class);
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final int NETWORK_TIMEOUT_MILLIS = 10_000;

    private final String name;
    private final DataSource source;
    private final Work work;
    private final Object lock = new Object();
    /** Guarded by the lock, like the writes of {@link #closed}. */
    private @Nullable Connection connection;

    private volatile boolean closed;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    DedicatedConnection(String name, DataSource source, Work work) {
        this.name = name;
        this.source = source;
        this.work = work;
    }

    void start() {
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean isClosed() {
        return closed;
    }

    /** Aborts the statement that the thread waits for, and ends the thread. */
    @Override
    public void close() {
        Connection aborted;
        synchronized (lock) {
            closed = true;
            aborted = connection;
            lock.notifyAll();
        }
        if (aborted != null) {
            try {
                aborted.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("{}: not aborted", name, e);
            }
        }
    }

    private void run() {
        while (!closed) {
            long begun = System.nanoTime();
            try (Connection made = source.getConnection()) {
                if (hold(made)) {
                    made.setAutoCommit(true);
                    made.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
                    work.run(made);
                }
            } catch (SQLException | RuntimeException e) {
                if (!closed) {
                    afterFailure(e, System.nanoTime() - begun);
                }
            } finally {
                hold(null);
            }
        }
    }

    /** Returns false when this object is closed. */
    private boolean hold(@Nullable Connection held) {
        synchronized (lock) {
            connection = held;
            return !closed;
        }
    }

    private void afterFailure(Exception failure, long livedNanos) {
        if (livedNanos > TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS)) {
            pauseMillis = FIRST_PAUSE_MILLIS;
        }
        if (pauseMillis == FIRST_PAUSE_MILLIS) {
            LOG.warn("{}: the connection is lost and will be replaced: {}", name, SqlErrors.describe(failure));
        } else {
            LOG.debug("{}: no connection, trying again", name, failure);
        }
        long until = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis));
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        synchronized (lock) {
            try {
                for (long left = until - System.nanoTime(); left > 0 && !closed; left = until - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                }
            } catch (InterruptedException e) {
                closed = true;
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The work that the thread does on a connection. */
    interface Work {
        /** Returns when the connection is closed, and throws when it is lost. */
        void run(Connection connection) throws SQLException;
    }
}
