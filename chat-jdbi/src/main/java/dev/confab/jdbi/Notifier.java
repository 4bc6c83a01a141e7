package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.MessageId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Hints between the nodes on one PostgreSQL database: a node says which id it committed, and who has not seen that looks at
 * once instead of within a second. A hint may be lost, late or doubled; nothing but the delay depends on it.
 *
 * <p>Listens on one connection and notifies on another, after the commit: in the append's transaction a notification would make
 * all commits of the server wait for one another. While one is on its way those that follow become one. Lost connections are
 * made again. Belongs to the {@link JdbiMessageStore} that was opened with it, which closes it; safe for any thread.
 */
public final class Notifier implements AutoCloseable {
    private static final String CHANNEL = "confab";

    /** After such a silence the listening connection is tried. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final NotificationSource wait;
    private final DedicatedConnection listening;
    private final DedicatedConnection notifying;
    private final Object lock = new Object();
    /** Guarded by the lock, which is notified when it changes. */
    private @Nullable MessageId announced;

    private volatile @Nullable Consumer<MessageId> onNews;

    /**
     * Connects when a service is made with the store.
     *
     * @param connections gives a new connection each time, directly to the database: not of a pool, and not through a pooler
     *     that gives one for each transaction. Stays the caller's
     */
    public Notifier(DataSource connections, NotificationSource wait) {
        this.wait = wait;
        this.listening = new DedicatedConnection("confab-listen", connections, this::listen);
        this.notifying = new DedicatedConnection("confab-notify", connections, this::notifyOthers);
    }

    /**
     * Sets the listener; connects at the first call.
     *
     * @param listener told an id that is committed, or {@link MessageId#MAX} when there may have been some that nobody heard; on a
     *     thread of the notifier, which it must not block
     */
    void start(Consumer<MessageId> listener) {
        boolean isFirst = onNews == null;
        onNews = listener;
        if (isFirst) {
            listening.start();
            notifying.start();
        }
    }

    /** Tells the other nodes soon; does not block. */
    void announce(MessageId committed) {
        synchronized (lock) {
            announced = announced == null ? committed : MessageId.max(announced, committed);
            lock.notifyAll();
        }
    }

    /** Ends both connections. */
    @Override
    public void close() {
        listening.close();
        notifying.close();
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen " + CHANNEL);
        }
        // What was said while nobody listened here.
        tell(MessageId.MAX);
        while (!listening.isClosed()) {
            List<String> payloads = wait.await(connection, SILENCE);
            if (!payloads.isEmpty()) {
                tell(payloads.stream().map(Notifier::parse).reduce(MessageId.MIN, MessageId::max));
            } else if (!connection.isValid((int) SILENCE.toSeconds())) {
                // A network that is gone is as silent as one where nothing happens.
                throw new SQLException("the listening connection does not answer", "08006");
            }
        }
    }

    private void tell(MessageId committed) {
        Consumer<MessageId> told = onNews;
        if (told != null) {
            told.accept(committed);
        }
    }

    private void notifyOthers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A notification takes a lock of the whole server until its commit: that one need not wait for the disk.
            statement.execute("set synchronous_commit = off");
        }
        try (PreparedStatement statement = connection.prepareStatement("select pg_notify('" + CHANNEL + "', ?)")) {
            MessageId next = next();
            while (next != null) {
                try {
                    statement.setString(1, next.toString());
                    statement.execute();
                } catch (SQLException e) {
                    announce(next);
                    throw e;
                }
                next = next();
            }
        }
    }

    /** Waits for an announcement; null when it is closed. */
    private @Nullable MessageId next() throws SQLException {
        synchronized (lock) {
            try {
                while (announced == null && !notifying.isClosed()) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
            MessageId next = announced;
            announced = null;
            return notifying.isClosed() ? null : next;
        }
    }

    /** Whatever else is said on the channel is a reason to look. */
    private static MessageId parse(String payload) {
        try {
            return MessageId.parse(payload);
        } catch (ChatException e) {
            return MessageId.MAX;
        }
    }
}
