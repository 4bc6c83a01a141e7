package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.MessageId;
import dev.confab.core.Signal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Hints and signals between the nodes on one PostgreSQL database. A node announces the id that it committed, and nodes
 * that have not seen it look for new messages at once instead of within a second. A hint may be lost, late or repeated;
 * only the delay depends on it.
 *
 * <p>Listens on one connection and notifies on another one after the commit. A notification in the append's transaction
 * would make all commits of the server wait for each other. While a notification is on its way, later ones are merged
 * into one. Lost connections are replaced. The {@link JdbiMessageStore} that was opened with a notifier closes it. Safe
 * for any thread.
 */
public final class Notifier implements AutoCloseable {
    private static final String CHANNEL = "confab";

    /** Nodes of earlier versions do not listen to this channel. */
    private static final String SIGNAL_CHANNEL = "confab_signal";

    /** The number of signals that may wait for the connection. Further ones are dropped. */
    private static final int MAX_SIGNALS = 1_000;

    /** The listening connection is checked after a silence of this length. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final NotificationSource wait;
    private final DedicatedConnection listening;
    private final DedicatedConnection notifying;
    private final Object lock = new Object();
    /** Guarded by the lock. A change notifies the lock's waiters. */
    private @Nullable MessageId announced;

    /** Guarded by the lock. */
    private final Queue<String> signals = new ArrayDeque<>();

    /** Identifies this node in the signals that it sends. */
    private final long node = ThreadLocalRandom.current().nextLong();

    private volatile @Nullable Consumer<MessageId> onNews;
    private volatile @Nullable SignalListener onSignal;

    /**
     * Connects when a service is created with the store.
     *
     * @param connections returns a new connection at each call, directly to the database: not from a pool, and not
     *     through a pooler that assigns a server connection for each transaction. Stays the caller's
     */
    public Notifier(DataSource connections, NotificationSource wait) {
        this.wait = wait;
        this.listening = new DedicatedConnection("confab-listen", connections, this::listen);
        this.notifying = new DedicatedConnection("confab-notify", connections, this::notifyOthers);
    }

    /**
     * Sets the listener, and connects at the first call.
     *
     * @param listener receives a committed id, or {@link MessageId#MAX} when notifications may have been lost.
     *     Called on a thread of the notifier, which it must not block
     */
    void start(Consumer<MessageId> listener) {
        boolean isFirst = onNews == null;
        onNews = listener;
        if (isFirst) {
            listening.start();
            notifying.start();
        }
    }

    /** Tells the other nodes soon. Does not block. */
    void announce(MessageId committed) {
        synchronized (lock) {
            announced = announced == null ? committed : MessageId.max(announced, committed);
            lock.notifyAll();
        }
    }

    /**
     * Sets the listener for the signals that other nodes send to the same log.
     *
     * @param log identifies the log in the database
     * @param listener called on a thread of the notifier, which it must not block
     */
    void onSignal(long log, Consumer<Signal> listener) {
        onSignal = new SignalListener(log, listener);
    }

    /** Sends a signal to the other nodes soon, unless too many signals wait. Does not block. */
    void send(long log, Signal signal) {
        synchronized (lock) {
            if (onNews != null && signals.size() < MAX_SIGNALS) {
                signals.add(new SignalPayload(log, node, signal).format());
                lock.notifyAll();
            }
        }
    }

    /** Closes both connections. */
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
            statement.execute("listen " + SIGNAL_CHANNEL);
        }
        // Notifications that came before this connection listened are lost.
        tell(MessageId.MAX);
        while (!listening.isClosed()) {
            List<String> payloads = wait.await(connection, SILENCE);
            if (!payloads.isEmpty()) {
                payloads.stream().filter(SignalPayload::is).forEach(this::hear);
                tell(payloads.stream()
                        .filter(payload -> !SignalPayload.is(payload))
                        .map(Notifier::parse)
                        .reduce(MessageId.MIN, MessageId::max));
            } else if (!connection.isValid((int) SILENCE.toSeconds())) {
                // A broken network is as silent as an idle one.
                throw new SQLException("the listening connection does not respond", "08006");
            }
        }
    }

    private void tell(MessageId committed) {
        Consumer<MessageId> told = onNews;
        if (told != null) {
            told.accept(committed);
        }
    }

    private void hear(String payload) {
        SignalListener listener = onSignal;
        SignalPayload heard = SignalPayload.parse(payload);
        if (listener != null && heard != null && heard.log() == listener.log && heard.node() != node) {
            listener.consumer.accept(heard.signal());
        }
    }

    private void notifyOthers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A notification holds a lock of the whole server until its commit, so this commit does not wait for the
            // disk.
            statement.execute("set synchronous_commit = off");
        }
        try (PreparedStatement ids = connection.prepareStatement("select pg_notify('" + CHANNEL + "', ?)");
                PreparedStatement texts = connection.prepareStatement("select pg_notify('" + SIGNAL_CHANNEL
                        + "', payload) from unnest(cast(? as text[])) as payload")) {
            News next = next();
            while (next != null) {
                notify(ids, next.committed);
                if (!next.signals.isEmpty()) {
                    texts.setArray(1, connection.createArrayOf("text", next.signals.toArray()));
                    texts.execute();
                }
                next = next();
            }
        }
    }

    private void notify(PreparedStatement ids, @Nullable MessageId committed) throws SQLException {
        if (committed == null) {
            return;
        }
        try {
            ids.setString(1, committed.toString());
            ids.execute();
        } catch (SQLException e) {
            announce(committed);
            throw e;
        }
    }

    /** Waits for an announcement or a signal. Returns null when the notifier is closed. */
    private @Nullable News next() throws SQLException {
        synchronized (lock) {
            try {
                while (announced == null && signals.isEmpty() && !notifying.isClosed()) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
            News next = new News(announced, List.copyOf(signals));
            announced = null;
            signals.clear();
            return notifying.isClosed() ? null : next;
        }
    }

    /** Returns the id of the payload. Any other payload is a reason to look for new messages, too. */
    private static MessageId parse(String payload) {
        try {
            return MessageId.parse(payload);
        } catch (ChatException e) {
            return MessageId.MAX;
        }
    }

    /** The news that one turn sends. */
    private record News(@Nullable MessageId committed, List<String> signals) {}

    private record SignalListener(long log, Consumer<Signal> consumer) {}
}
