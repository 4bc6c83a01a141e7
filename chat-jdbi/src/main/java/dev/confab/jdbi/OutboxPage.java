package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.StoreException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next rows of the outbox, which are read and deleted in the append's transaction. Rows of open transactions are
 * not visible: they are released later, and nothing here waits for them.
 */
final class OutboxPage {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxPage.class);

    /** The maximum number of rows in one transaction, so that a full outbox does not keep publishers waiting. */
    static final int MAX_ROWS = 1_000;

    /** The maximum size of the bodies in one transaction, 1 MiB; one row is always taken. */
    static final int MAX_BYTES = 1 << 20;

    /** The number of rows at which {@link #count} stops. */
    static final int MAX_COUNTED = 100_000;

    /** The number of rejected rows that are kept for an operator; the oldest are deleted first. */
    static final int MAX_REJECTED = 10_000;

    /** The node of the append: messages have none. */
    private static final UUID NO_NODE = new UUID(0, 0);

    /**
     * @param draft null when the row is not a valid message
     * @param reason the reason to reject the row
     */
    private record Row(long seq, @Nullable Draft draft, Reason reason) {
        static Row of(ResultSet row) throws SQLException {
            long seq = row.getLong("seq");
            try {
                String nick = row.getString("nick");
                Draft draft = Draft.of(
                        new Room(row.getString("room")),
                        nick == null ? null : new Nick(nick),
                        row.getString("body"),
                        row.getString("draft_key"));
                return new Row(seq, draft, Reason.REFUSED);
            } catch (ChatException e) {
                return new Row(seq, null, e.reason());
            }
        }

        int bytes() {
            return draft == null ? 0 : draft.body().getBytes(StandardCharsets.UTF_8).length;
        }
    }

    private final List<Row> rows = new ArrayList<>();

    private OutboxPage() {}

    /** Returns whether the outbox has no committed rows. */
    static boolean isEmpty(Handle handle) {
        return handle.select("select 1 from <outbox> limit 1")
                .mapTo(Integer.class)
                .list()
                .isEmpty();
    }

    /** Returns the number of committed rows, or {@link #MAX_COUNTED} when there are more. */
    static long count(Handle handle) {
        return handle.select("select count(*) from (select 1 from <outbox> limit ?) first_rows", MAX_COUNTED)
                .mapTo(Long.class)
                .one();
    }

    /** Appends at most {@code maxRows} rows. */
    static Appender.Source append(int maxRows) {
        return handle -> {
            OutboxPage page = read(handle, maxRows);
            List<Draft> drafts = new ArrayList<>();
            for (Row row : page.rows) {
                if (row.draft != null) {
                    drafts.add(row.draft);
                }
            }
            return new Appender.Work(NO_NODE, drafts, page.rows.isEmpty() ? null : page::finish);
        };
    }

    /** Rejects the first row, because the database refuses it. */
    static Appender.Source rejectFirst() {
        return handle -> {
            OutboxPage page = read(handle, 1);
            return new Appender.Work(NO_NODE, List.of(), (h, outcomes) -> {
                Map<Long, Reason> rejected = new LinkedHashMap<>();
                page.rows.forEach(row -> rejected.put(row.seq, row.reason));
                reject(h, rejected);
                page.delete(h);
            });
        };
    }

    private static OutboxPage read(Handle handle, int maxRows) {
        OutboxPage page = new OutboxPage();
        int bytes = 0;
        try (ResultIterator<Row> rows = handle.createQuery(
                        "select seq, room, nick, body, draft_key from <outbox> order by seq limit ?")
                .bind(0, maxRows)
                .setFetchSize(128)
                .map((row, context) -> Row.of(row))
                .iterator()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                bytes += row.bytes();
                if (bytes > MAX_BYTES && !page.rows.isEmpty()) {
                    break;
                }
                page.rows.add(row);
            }
        }
        return page;
    }

    private void finish(Handle handle, List<MessageStore.Outcome> outcomes) {
        Iterator<MessageStore.Outcome> outcome = outcomes.iterator();
        Map<Long, Reason> rejected = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.draft == null) {
                rejected.put(row.seq, row.reason);
            } else if (outcome.next() instanceof MessageStore.Outcome.Conflict) {
                rejected.put(row.seq, Reason.KEY_CONFLICT);
            }
        }
        if (!rejected.isEmpty()) {
            reject(handle, rejected);
        }
        delete(handle);
    }

    private static void reject(Handle handle, Map<Long, Reason> rejected) {
        try (PreparedBatch batch = handle.prepareBatch("""
                insert into <outbox_rejected> (seq, room, nick, body, draft_key, reason)
                select seq, room, nick, body, draft_key, ? from <outbox> where seq = ?
                """)) {
            rejected.forEach(
                    (seq, reason) -> batch.bind(0, reason.code()).bind(1, seq).add());
            batch.execute();
        }
        handle.execute(
                "delete from <outbox_rejected> where seq <= (select seq from <outbox_rejected>"
                        + " order by seq desc limit 1 offset ?)",
                MAX_REJECTED);
        rejected.forEach((seq, reason) -> LOG.warn(
                "Row {} of the outbox cannot be published and goes to the table outbox_rejected: {}",
                seq,
                reason.code()));
    }

    private void delete(Handle handle) {
        int deleted;
        try (PreparedBatch batch = handle.prepareBatch("delete from <outbox> where seq = ?")) {
            rows.forEach(row -> batch.bind(0, row.seq).add());
            deleted = Arrays.stream(batch.execute()).sum();
        }
        if (deleted != rows.size()) {
            // Another program deleted rows, and may publish them, too.
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "outbox: " + deleted + " rows deleted (expected: " + rows.size() + ")",
                    null);
        }
    }
}
