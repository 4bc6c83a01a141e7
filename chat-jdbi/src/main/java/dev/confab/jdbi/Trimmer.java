package dev.confab.jdbi;

import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Retention;
import dev.confab.core.Room;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Removes the messages that retention does not keep, in short transactions, each with the marks of the removed
 * messages. Trims of the same log wait for each other; appends and reads continue. Thread-safe.
 */
final class Trimmer {
    private static final int CHUNK = 1_000;

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final JdbiStoreConfig config;
    /**
     * Rooms without messages after {@code countedThrough} hold at most {@code countedTo} messages, so they are not
     * counted again.
     */
    private MessageId countedThrough = MessageId.MIN;

    private int countedTo = Integer.MAX_VALUE;

    Trimmer(Jdbi jdbi, Dialect dialect, JdbiStoreConfig config) {
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
    }

    synchronized Map<Room, MessageId> trim(Retention retention) {
        Map<Room, MessageId> trimmed = new HashMap<>();
        Instant now = jdbi.withHandle(handle -> dialect.now(handle, config));
        // Keys first, because this may have to wait: a trim that fails after it removed messages cannot report them.
        forgetKeys(MessageId.floorOfAge(now, MessageStore.KEY_LIFETIME));
        if (retention.maxAge() != null) {
            trimOlder(retention.cutoff(now), trimmed);
        }
        if (retention.maxEntries() != null) {
            trimLonger(retention.maxEntries(), trimmed);
        }
        return trimmed;
    }

    private void trimOlder(MessageId cutoff, Map<Room, MessageId> trimmed) {
        String oldest = "select id, room from <message> where id < :cutoff order by id limit :chunk";
        repeat(handle -> {
            Map<Room, MessageId> marks = new HashMap<>();
            List<UUID> ids = handle.createQuery(oldest)
                    .bind("cutoff", cutoff.toUuid())
                    .bind("chunk", CHUNK)
                    .map((row, context) -> {
                        UUID id = row.getObject("id", UUID.class);
                        marks.put(new Room(row.getString("room")), MessageId.of(id));
                        return id;
                    })
                    .list();
            if (!ids.isEmpty()) {
                handle.execute("delete from <message> where id <= ?", ids.get(ids.size() - 1));
                mark(handle, marks);
            }
            trimmed.putAll(marks);
            return ids.size();
        });
    }

    private void trimLonger(int maxEntries, Map<Room, MessageId> trimmed) {
        MessageId from = maxEntries < countedTo ? MessageId.MIN : countedThrough;
        MessageId through = jdbi.withHandle(MessageReader::lastId);
        List<String> rooms =
                jdbi.withHandle(handle -> handle.createQuery("select distinct room from <message> where id > ?")
                        .bind(0, from.toUuid())
                        .mapTo(String.class)
                        .list());
        for (String room : rooms) {
            trimRoom(room, maxEntries, trimmed);
        }
        countedThrough = through;
        countedTo = maxEntries;
    }

    private void trimRoom(String room, int maxEntries, Map<Room, MessageId> trimmed) {
        String newestOver = "select id from <message> where room = ? order by room desc, id desc limit 1 offset ?";
        List<UUID> cutoff = jdbi.withHandle(handle -> handle.createQuery(newestOver)
                .bind(0, room)
                .bind(1, maxEntries)
                .mapTo(UUID.class)
                .list());
        if (cutoff.isEmpty()) {
            return;
        }
        String oldest = "select id from <message> where room = ? and id <= ? order by room, id limit ?";
        repeat(handle -> {
            List<UUID> ids = handle.createQuery(oldest)
                    .bind(0, room)
                    .bind(1, cutoff.get(0))
                    .bind(2, CHUNK)
                    .mapTo(UUID.class)
                    .list();
            if (!ids.isEmpty()) {
                UUID last = ids.get(ids.size() - 1);
                handle.execute("delete from <message> where room = ? and id <= ?", room, last);
                Map<Room, MessageId> marks = Map.of(new Room(room), MessageId.of(last));
                mark(handle, marks);
                trimmed.putAll(marks);
            }
            return ids.size();
        });
    }

    /**
     * Sets the marks of rooms. Trims come one at a time and remove the oldest messages, so each mark is above the
     * previous one.
     */
    private static void mark(Handle handle, Map<Room, MessageId> marks) {
        try (PreparedBatch delete = handle.prepareBatch("delete from <room_trim> where room = ?");
                PreparedBatch insert =
                        handle.prepareBatch("insert into <room_trim> (room, trimmed_through) values (?, ?)")) {
            marks.forEach((room, id) -> {
                delete.bind(0, room.name()).add();
                insert.bind(0, room.name()).bind(1, id.toUuid()).add();
            });
            delete.execute();
            insert.execute();
        }
    }

    /** Deletes keys with the append lock held, because an append may be replacing some of them. */
    private void forgetKeys(MessageId from) {
        String oldest = "select id from <publish_key> where id < :from order by id limit :chunk";
        repeat(handle -> {
            List<UUID> ids = handle.createQuery(oldest)
                    .bind("from", from.toUuid())
                    .bind("chunk", CHUNK)
                    .mapTo(UUID.class)
                    .list();
            if (!ids.isEmpty()) {
                dialect.lockAppends(handle);
                handle.execute("delete from <publish_key> where id <= ?", ids.get(ids.size() - 1));
            }
            return ids.size();
        });
    }

    /**
     * Runs {@code chunk} in transactions of its own, under the lock that trims share, until it removes less than a full
     * chunk.
     */
    private void repeat(Chunk chunk) {
        int removed;
        do {
            removed = jdbi.inTransaction(handle -> {
                handle.select(Schema.LOCK).mapTo(Integer.class).one();
                return chunk.remove(handle);
            });
        } while (removed == CHUNK);
    }

    private interface Chunk {
        /** Removes up to {@link #CHUNK} rows and returns their number. */
        int remove(Handle handle);
    }
}
