package dev.confab.jdbi;

import dev.confab.core.Draft;
import dev.confab.core.Health;
import dev.confab.core.Limit;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Participant;
import dev.confab.core.Retention;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Signal;
import dev.confab.core.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in a database: H2, embedded in the process, or PostgreSQL 13 or newer, for any number of nodes. The application
 * brings the driver and the pool. The connections' isolation is READ COMMITTED, the default of both databases.
 *
 * <p>PostgreSQL: the encoding is UTF8. In the URL, {@code reWriteBatchedInserts=true} makes appends several times
 * faster. {@code tcpKeepAlive=true}, {@code connectTimeout} and {@code socketTimeout} end waits for a server that is
 * gone. The socket time-out must be above the 10 s that an append may take. A pooler may assign a server connection for
 * each transaction.
 *
 * <p>H2: open the database by the URL that {@link H2File#recover} returns. Otherwise committed messages might be lost
 * after a kill, so the store refuses the file. The user needs admin rights, which the first user has. Never interrupt a
 * thread during a call: H2 then closes its file.
 *
 * <p>Thread-safe. An append takes one connection, and a second one only after it lost the first; each read takes one.
 */
public final class JdbiMessageStore implements MessageStore {
    private static final Logger LOG = LoggerFactory.getLogger(JdbiMessageStore.class);

    private static final int MAX_STALE_SESSIONS = 32;

    private final Jdbi jdbi;
    private final Sessions sessions;
    private final Dialect dialect;
    private final String product;
    private final JdbiStoreConfig config;
    private final Appender appender;
    private final MessageReader reader;
    private final Trimmer trimmer;
    private final NodeLeases leases;
    private final @Nullable Notifier notifier;
    /** Whether the last append failed for a reason that a read may not show. */
    private volatile boolean appendsFail;

    /**
     * The failure that showed that the database is damaged. It stays set, even if other parts of the database can be
     * read.
     */
    private volatile @Nullable StoreException damage;

    private volatile boolean closed;

    /** Identifies the log among those that share the database and its notifications. */
    private volatile long logNumber;

    private JdbiMessageStore(
            Jdbi jdbi,
            Sessions sessions,
            Dialect dialect,
            String product,
            JdbiStoreConfig config,
            @Nullable Notifier notifier) {
        this.product = product;
        this.sessions = sessions;
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
        this.appender = new Appender(jdbi, dialect, config);
        this.reader = new MessageReader(jdbi, dialect);
        this.trimmer = new Trimmer(jdbi, dialect, config);
        this.leases = new NodeLeases(jdbi, dialect, config);
        this.notifier = notifier;
    }

    /**
     * Opens the log in {@code dataSource} with the default settings.
     *
     * @see #open(DataSource, JdbiStoreConfig)
     */
    public static JdbiMessageStore open(DataSource dataSource) {
        return open(dataSource, JdbiStoreConfig.defaults());
    }

    /**
     * Opens the log in {@code dataSource}. In {@link SchemaMode#CREATE}, the default, missing tables are created, and
     * tables of an earlier version are migrated. A table that is not Confab's is never changed: when it has the name of
     * a table of Confab, nothing is created, and the exception names it.
     *
     * @param dataSource stays the caller's: {@link #close} leaves it open
     * @throws StoreException when the database cannot be reached, is neither H2 nor PostgreSQL 13 or newer, or
     *     belongs to a newer program; when {@link H2File#recover} was not called for its file; when tables of these
     *     names are not Confab's, have other columns, or (in {@link SchemaMode#VALIDATE}) are missing or older
     */
    public static JdbiMessageStore open(DataSource dataSource, JdbiStoreConfig config) {
        return open(dataSource, config, null);
    }

    /**
     * Opens the log for one of several nodes that tell each other about commits at once.
     *
     * @param notifier the store owns it and closes it; null for none, so that a node looks for new messages of
     *     other nodes every second
     * @see #open(DataSource, JdbiStoreConfig)
     */
    public static JdbiMessageStore open(DataSource dataSource, JdbiStoreConfig config, @Nullable Notifier notifier) {
        Sessions sessions = new Sessions(dataSource);
        try {
            Jdbi jdbi = Jdbi.create(sessions).setSqlLogger(sessions);
            jdbi.registerArrayType(String.class, "varchar");
            Dialect dialect;
            String product;
            try (Handle handle = jdbi.open()) {
                dialect = Dialect.of(handle.getConnection());
                product = Dialect.product(handle.getConnection());
                dialect.watch(sessions, handle.getConnection(), config);
            }
            Tables tables = new Tables(config, dialect.directory());
            tables.define(jdbi);
            new Schema(jdbi, dialect, config, tables).open();
            return new JdbiMessageStore(jdbi, sessions, dialect, product, config, notifier);
        } catch (SQLException | RuntimeException e) {
            sessions.close();
            throw SqlErrors.storeException(e);
        }
    }

    /** Returns the product and the version of the database, without its URL, which may contain a password. */
    @Override
    public String toString() {
        return product;
    }

    @Override
    public boolean isShared() {
        return dialect.isShared();
    }

    @Override
    public boolean hasOtherNodes(UUID node) {
        return read(() -> leases.hasOthers(node));
    }

    @Override
    public MessageId lastId() {
        return read(reader::lastId);
    }

    @Override
    public Appended append(UUID node, List<Draft> drafts) {
        return call(() -> {
            try {
                Appended appended = appender.append(node, drafts);
                appendsFail = false;
                sessions.stored(appended);
                return announced(appended);
            } catch (RuntimeException e) {
                appendsFail = SqlErrors.storeException(e).kind() != StoreException.Kind.REFUSED;
                throw e;
            }
        });
    }

    @Override
    public void beginLease(UUID node, Duration length) {
        call(() -> {
            leases.begin(node, length);
            return true;
        });
    }

    @Override
    public boolean renewLease(UUID node, Duration length) {
        return read(() -> leases.renew(node, length));
    }

    @Override
    public @Nullable Appended expireNodes(UUID node, boolean alone) {
        return call(() -> leases.anyGone(node, alone) ? announced(appender.append(leases.expiry(node, alone))) : null);
    }

    @Override
    public void onCommitElsewhere(Consumer<MessageId> listener) {
        if (notifier != null) {
            notifier.start(listener);
        }
    }

    @Override
    public void signalElsewhere(Signal signal) {
        if (notifier != null) {
            notifier.send(logNumber, signal);
        }
    }

    @Override
    public void onSignalElsewhere(Consumer<Signal> listener) {
        if (notifier != null) {
            logNumber = call(() -> dialect.logNumber(jdbi));
            notifier.onSignal(logNumber, listener);
        }
    }

    /** Returns true. */
    @Override
    public boolean hasOutbox() {
        return true;
    }

    @Override
    public @Nullable Appended takeOutbox() {
        return read(() -> jdbi.withHandle(OutboxPage::isEmpty)) ? null : call(this::takePage);
    }

    /** Counts at most 100,000 rows. */
    @Override
    public long outboxRows() {
        return read(() -> jdbi.withHandle(OutboxPage::count));
    }

    /**
     * Takes fewer and fewer rows until it finds the row that the database refuses, so that the other rows are
     * published.
     */
    private Appended takePage() {
        int rows = OutboxPage.MAX_ROWS;
        while (true) {
            try {
                return announced(appender.append(OutboxPage.append(rows)));
            } catch (StoreException e) {
                if (e.kind() != StoreException.Kind.REFUSED) {
                    throw e;
                }
                if (rows == 1) {
                    return announced(appender.append(OutboxPage.rejectFirst()));
                }
                rows /= 2;
            }
        }
    }

    @Override
    public Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        return read(() -> reader.readAfter(rooms, after, through, limit));
    }

    @Override
    public List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        return read(() -> reader.readBefore(rooms, before, limit));
    }

    @Override
    public List<Message> readLog(MessageId after, Limit limit) {
        return read(() -> reader.readLog(after, limit));
    }

    @Override
    public MessageId startOfLast(RoomSet rooms, int count) {
        return read(() -> reader.startOfLast(rooms, count));
    }

    @Override
    public MessageId floor(MessageId cursor) {
        return read(() -> reader.floor(cursor));
    }

    @Override
    public MessageId trimmedThrough(RoomSet rooms) {
        return read(() -> reader.trimmedThrough(rooms));
    }

    @Override
    public Map<Room, MessageId> trimmedAfter(MessageId after) {
        return read(() -> reader.trimmedAfter(after));
    }

    @Override
    public List<Participant> participants(Room room) {
        return read(() -> reader.participants(room));
    }

    @Override
    public Map<Room, MessageId> trim(Retention retention) {
        return call(() -> {
            Map<Room, MessageId> trimmed = trimmer.trim(retention);
            if (!trimmed.isEmpty()) {
                sessions.shrink();
            }
            return trimmed;
        });
    }

    /** Writes only after a failed append: a row that is deleted in the same transaction. */
    @Override
    public void checkAppends() {
        StoreException found = damage;
        if (found != null) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "store: damaged", found);
        }
        read(() -> {
            boolean writes = appendsFail;
            jdbi.useTransaction(handle -> leases.checkWritable(handle, writes));
            if (writes) {
                jdbi.useHandle(handle -> dialect.sync(handle, config.durability()));
                appendsFail = false;
            }
            return true;
        });
    }

    /** Leaves the data source open. Calls that are running are completed. */
    @Override
    public void close() {
        closed = true;
        if (notifier != null) {
            notifier.close();
        }
        sessions.close();
    }

    /** Tells the other nodes about a commit that added messages. */
    private Appended announced(Appended appended) {
        MessageId last = appended.lastPlaced();
        if (notifier != null && last != null) {
            notifier.announce(last);
        }
        return appended;
    }

    /**
     * Repeats the call for each session that a pool may hold and whose prepared statements belong to another server
     * process.
     */
    private <T> T read(Supplier<T> action) {
        for (int left = MAX_STALE_SESSIONS; ; left--) {
            try {
                return call(action);
            } catch (StoreException e) {
                if (left == 0 || !SqlErrors.isForgottenStatement(e)) {
                    throw e;
                }
            }
        }
    }

    private <T> T call(Supplier<T> action) {
        if (closed) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "store: closed (expected: open)", null);
        }
        try {
            return action.get();
        } catch (RuntimeException e) {
            StoreException failure = SqlErrors.storeException(e);
            if (damage == null && failure.health() == Health.DAMAGED) {
                LOG.error("The database is damaged, restore a backup: {}", SqlErrors.describe(e));
                damage = failure;
            }
            throw failure;
        }
    }
}
