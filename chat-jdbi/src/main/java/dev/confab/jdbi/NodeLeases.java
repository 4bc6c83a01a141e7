package dev.confab.jdbi;

import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** The leases of the nodes in the database, by the database's clock. Thread-safe. */
final class NodeLeases {
    /**
     * The maximum number of participants that leave in one transaction, so that a large node does not block the other
     * appends.
     */
    static final int CHUNK = 1_000;

    /** Selects the nodes whose lease has expired or, with {@code alone}, all other nodes. */
    private static final String GONE =
            "from <node_lease> where node <> :node and (:alone or expired or expires_at <= :now)";

    /**
     * Selects the nodes whose lease is longer than possible: the clock was ahead when it was granted, and was set back.
     */
    private static final String TOO_LONG = "where node <> :node and expires_at > :longest";

    private static final UUID NOBODY = new UUID(-1, -1);

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final JdbiStoreConfig config;

    NodeLeases(Jdbi jdbi, Dialect dialect, JdbiStoreConfig config) {
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
    }

    /**
     * Returns whether participants of the node may be stored. Called during an append, so the lease cannot expire
     * meanwhile.
     */
    static boolean isLeased(Handle handle, UUID node) {
        return !handle.select("select 1 from <node_lease> where node = ? and not expired", node)
                .mapTo(Integer.class)
                .list()
                .isEmpty();
    }

    /**
     * Fails when {@code handle} cannot write. It locks a row that does not exist, so it waits neither for the append
     * lock nor for a commit.
     *
     * @param writes whether to insert a lease as well, and to delete it again
     */
    void checkWritable(Handle handle, boolean writes) {
        handle.execute("select node from <node_lease> where node = ? for update", NOBODY);
        if (writes) {
            UUID probe = UUID.randomUUID();
            handle.execute("insert into <node_lease> (node, expires_at, expired) values (?, 0, true)", probe);
            handle.execute("delete from <node_lease> where node = ?", probe);
        }
    }

    void begin(UUID node, Duration length) {
        jdbi.useHandle(handle -> handle.execute(
                "insert into <node_lease> (node, expires_at, expired) values (?, ?, false)",
                node,
                end(handle, length)));
    }

    boolean renew(UUID node, Duration length) {
        return jdbi.withHandle(handle -> handle.execute(
                        "update <node_lease> set expires_at = ? where node = ? and not expired",
                        end(handle, length),
                        node)
                > 0);
    }

    /** Returns whether another node has a lease that has not expired. */
    boolean hasOthers(UUID node) {
        return jdbi.withHandle(handle -> !handle.select(
                        "select 1 from <node_lease> where node <> ? and not expired and expires_at > ? limit 1",
                        node,
                        dialect.now(handle, config).toEpochMilli())
                .mapTo(Integer.class)
                .list()
                .isEmpty());
    }

    /**
     * Returns whether {@link #expiry} has work to do. Does not take the append lock, because there is hardly ever work.
     */
    boolean anyGone(UUID node, boolean alone) {
        return jdbi.withHandle(handle -> anyTooLong(handle, node)
                || !gone(handle, "select node " + GONE + " limit 1", node, alone)
                        .mapTo(UUID.class)
                        .list()
                        .isEmpty());
    }

    private boolean anyTooLong(Handle handle, UUID node) {
        return !handle.createQuery("select node from <node_lease> " + TOO_LONG + " limit 1")
                .bind("node", node)
                .bind("longest", end(handle, MessageStore.MAX_LEASE))
                .mapTo(UUID.class)
                .list()
                .isEmpty();
    }

    /**
     * Shortens leases that are longer than possible. A living node renews its lease long before the new end; the lease
     * of a dead node would otherwise last too long.
     */
    private void shorten(Handle handle, UUID node) {
        handle.createUpdate("update <node_lease> set expires_at = :longest " + TOO_LONG)
                .bind("node", node)
                .bind("longest", end(handle, MessageStore.MAX_LEASE))
                .execute();
    }

    /**
     * Lets the participants of one dead node leave, {@value #CHUNK} at most, and removes the node when it has none
     * left.
     */
    Appender.Source expiry(UUID node, boolean alone) {
        return handle -> {
            if (anyTooLong(handle, node)) {
                return new Appender.Work(node, List.of(), (h, outcomes) -> shorten(h, node));
            }
            List<UUID> empty = new ArrayList<>();
            // With the lock, a renewal comes either before, and the lease has not expired, or after, and the lease is
            // gone.
            for (UUID dead : gone(handle, "select node " + GONE + " order by node for update", node, alone)
                    .mapTo(UUID.class)
                    .list()) {
                List<Draft> leaves = leaves(handle, dead);
                if (leaves.size() == CHUNK) {
                    return new Appender.Work(dead, leaves, (h, outcomes) -> {
                        h.execute("update <node_lease> set expired = true where node = ?", dead);
                        remove(h, empty);
                    });
                }
                empty.add(dead);
                if (!leaves.isEmpty()) {
                    return new Appender.Work(dead, leaves, (h, outcomes) -> remove(h, empty));
                }
            }
            return new Appender.Work(node, List.of(), empty.isEmpty() ? null : (h, outcomes) -> remove(h, empty));
        };
    }

    private static List<Draft> leaves(Handle handle, UUID node) {
        return handle.select(
                        "select room, nick from <node_participant> where node = ? order by node, room, nick limit ?",
                        node,
                        CHUNK)
                .map((row, context) -> Draft.leave(new Room(row.getString("room")), new Nick(row.getString("nick"))))
                .list();
    }

    private static void remove(Handle handle, List<UUID> nodes) {
        nodes.forEach(node -> handle.execute("delete from <node_lease> where node = ?", node));
    }

    private Query gone(Handle handle, String sql, UUID node, boolean alone) {
        return handle.createQuery(sql)
                .bind("node", node)
                .bind("alone", alone)
                .bind("now", dialect.now(handle, config).toEpochMilli());
    }

    private long end(Handle handle, Duration length) {
        return dialect.now(handle, config).toEpochMilli() + length.toMillis();
    }
}
