package dev.confab.jdbi;

import dev.confab.core.Limit;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/**
 * The queries. Several rooms are read as a union of one limited query each: every branch is a walk along the index
 * {@code (room, id)} that stops at the limit, where {@code room in (…)} would fetch and sort all there is.
 */
final class EntryReader {
    private static final int FETCH_SIZE = 128;

    private static final String COLUMNS = "e.id, e.room, e.type, e.nick, e.body";

    private final Jdbi jdbi;

    private final Dialect dialect;

    EntryReader(Jdbi jdbi, Dialect dialect) {
        this.jdbi = jdbi;
        this.dialect = dialect;
    }

    List<Participant> participants(Room room) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select distinct room, nick from node_participant where room = :room order by nick limit :limit")
                .bind("room", room.name())
                .bind("limit", MessageStore.MAX_PARTICIPANTS_SHOWN)
                .map((row, context) -> participant(row))
                .list());
    }

    private static Participant participant(ResultSet row) throws SQLException {
        return new Participant(new Room(row.getString("room")), new Nick(row.getString("nick")));
    }

    MessageId lastId() {
        return jdbi.withHandle(EntryReader::lastId);
    }

    /** The newest entry that ever was; during an append, call it when the lock is held. */
    static MessageId lastId(Handle handle) {
        String sql = """
                select h.origin, t.trimmed_through, e.id as newest from log_head h
                left join (select trimmed_through from room_trim order by trimmed_through desc limit 1) t on true
                left join (select id from entry order by id desc limit 1) e on true
                """;
        return handle.createQuery(sql)
                .map((row, context) -> MessageId.max(EntryRow.mark(row), EntryRow.idOr(row, "newest", MessageId.MIN)))
                .one();
    }

    /** The mark and the rows are read in one statement: in two, a trim between them makes a hole that is not told. */
    MessageStore.Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        String sql = "select h.origin, t.trimmed_through, " + COLUMNS + " from log_head h"
                + " left join (" + highestMark(rooms) + ") t on true"
                + " left join (" + nearest(rooms, "id > :after and id <= :through", "") + ") p on true"
                + " left join entry e on e.id = p.id order by e.id";
        return dialect.read(jdbi, handle -> {
            Query query = bind(handle.createQuery(sql), rooms)
                    .bind("after", after.toUuid())
                    .bind("through", through.toUuid())
                    .bind("limit", limit.entries() + 1L);
            try (query) {
                return page(query, limit);
            }
        });
    }

    private static MessageStore.Page page(Query query, Limit limit) {
        MessageStore.Page.Builder page = new MessageStore.Page.Builder(limit);
        MessageId mark = MessageId.MIN;
        boolean complete = true;
        Iterator<EntryRow> rows = rows(query);
        while (complete && rows.hasNext()) {
            EntryRow row = rows.next();
            mark = row.trimmedThrough();
            complete = row.message() == null || page.add(row.message());
        }
        return new MessageStore.Page(mark, page.messages(), complete);
    }

    List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        String sql = "select " + COLUMNS + " from (" + nearest(rooms, "id < :before", "desc") + ") p"
                + " join entry e on e.id = p.id order by e.id desc";
        return dialect.read(jdbi, handle -> {
            Query query = bind(handle.createQuery(sql), rooms)
                    .bind("before", before.toUuid())
                    .bind("limit", limit.entries());
            List<Message> newestFirst = messages(query, limit);
            Collections.reverse(newestFirst);
            return newestFirst;
        });
    }

    List<Message> readLog(MessageId after, Limit limit) {
        String sql = "select " + COLUMNS + " from entry e where e.id > :after order by e.id limit :limit";
        return dialect.read(
                jdbi,
                handle -> messages(
                        handle.createQuery(sql).bind("after", after.toUuid()).bind("limit", limit.entries()), limit));
    }

    MessageId startOfLast(RoomSet rooms, int count) {
        String sql = "select h.origin, t.trimmed_through, e.id as nearest from log_head h"
                + " left join (" + highestMark(rooms) + ") t on true left join (select id from ("
                + nearest(rooms, "true", "desc") + ") p order by id desc limit 1 offset :count) e on true";
        return jdbi.withHandle(handle -> bind(handle.createQuery(sql), rooms)
                .bind("limit", count + 1L)
                .bind("count", count)
                .map((row, context) -> MessageId.max(EntryRow.mark(row), EntryRow.idOr(row, "nearest", MessageId.MIN)))
                .one());
    }

    MessageId floor(MessageId cursor) {
        String sql = """
                select h.origin, t.trimmed_through, e.id as nearest from log_head h
                left join (select trimmed_through from room_trim order by trimmed_through desc limit 1) t on true
                left join (select id from entry where id <= :cursor order by id desc limit 1) e on true
                """;
        return jdbi.withHandle(handle -> handle.createQuery(sql)
                .bind("cursor", cursor.toUuid())
                .map((row, context) -> {
                    MessageId origin = EntryRow.idOr(row, "origin", MessageId.MIN);
                    if (origin.isAfter(cursor)) {
                        return cursor.equals(MessageId.MIN) ? cursor : origin;
                    }
                    MessageId trimmed = EntryRow.mark(row);
                    return cursor.isAfter(trimmed)
                            ? MessageId.max(trimmed, EntryRow.idOr(row, "nearest", MessageId.MIN))
                            : cursor;
                })
                .one());
    }

    MessageId trimmedThrough(RoomSet rooms) {
        String sql =
                "select h.origin, t.trimmed_through from log_head h left join (" + highestMark(rooms) + ") t on true";
        return jdbi.withHandle(handle -> bind(handle.createQuery(sql), rooms)
                .map((row, context) -> EntryRow.mark(row))
                .one());
    }

    Map<Room, MessageId> trimmedAfter(MessageId after) {
        String sql = "select room, trimmed_through from room_trim where trimmed_through > :after";
        return jdbi.withHandle(handle -> handle.createQuery(sql)
                .bind("after", after.toUuid())
                .reduceRows(new HashMap<>(), (marks, row) -> {
                    UUID through = row.getColumn("trimmed_through", UUID.class);
                    marks.put(new Room(row.getColumn("room", String.class)), MessageId.of(through));
                    return marks;
                }));
    }

    private static String highestMark(RoomSet rooms) {
        String names = IntStream.range(0, rooms.rooms().size())
                .mapToObj(i -> ":room" + i)
                .collect(Collectors.joining(","));
        return "select trimmed_through from room_trim where room in (" + names
                + ") order by trimmed_through desc limit 1";
    }

    /** The ids of {@code rooms} in {@code range}, at most {@code :limit}: the first or, with direction "desc", the last. */
    private static String nearest(RoomSet rooms, String range, String direction) {
        // Ordered by the room too, although it is one: that is how H2 sees that the index has this order.
        return IntStream.range(0, rooms.rooms().size())
                .mapToObj(i -> "(select room, id from entry where room = :room" + i + " and " + range
                        + " order by room " + direction + ", id " + direction + " limit :limit)")
                .collect(Collectors.joining(
                        " union all ", "select id from (", ") u order by id " + direction + " limit :limit"));
    }

    private static Query bind(Query query, RoomSet rooms) {
        for (int i = 0; i < rooms.rooms().size(); i++) {
            query.bind("room" + i, rooms.rooms().get(i).name());
        }
        return query;
    }

    private static List<Message> messages(Query query, Limit limit) {
        try (query) {
            MessageStore.Page.Builder page = new MessageStore.Page.Builder(limit);
            Iterator<EntryRow> rows = rows(query);
            while (rows.hasNext()) {
                Message message = rows.next().message();
                if (message == null || !page.add(message)) {
                    break;
                }
            }
            return new ArrayList<>(page.messages());
        }
    }

    /** One after the other, so that what is past the limit is not fetched. */
    private static Iterator<EntryRow> rows(Query query) {
        return query.setFetchSize(FETCH_SIZE).map(EntryRow::of).iterator();
    }
}
