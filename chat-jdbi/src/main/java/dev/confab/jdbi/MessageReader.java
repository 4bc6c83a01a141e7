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
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/**
 * Reads messages, marks and participants. Several rooms are read by a union of one limited query for each room: each
 * query walks along the index {@code (room, id)} and stops at the limit, while {@code room in (…)} would read and sort
 * all messages.
 */
final class MessageReader {
    private static final int FETCH_SIZE = 128;

    private static final String COLUMNS = "e.id, e.room, e.type, e.nick, e.body";

    private final Jdbi jdbi;

    private final Dialect dialect;

    MessageReader(Jdbi jdbi, Dialect dialect) {
        this.jdbi = jdbi;
        this.dialect = dialect;
    }

    List<Participant> participants(Room room) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select distinct room, nick from <node_participant> where room = :room order by nick limit :limit")
                .bind("room", room.name())
                .bind("limit", MessageStore.MAX_PARTICIPANTS_SHOWN)
                .map((row, context) -> participant(row))
                .list());
    }

    private static Participant participant(ResultSet row) throws SQLException {
        return new Participant(new Room(row.getString("room")), new Nick(row.getString("nick")));
    }

    MessageId lastId() {
        return jdbi.withHandle(MessageReader::lastId);
    }

    /** Returns the id of the newest message that was ever stored. An append calls this with the append lock held. */
    static MessageId lastId(Handle handle) {
        String sql = """
                select h.origin, t.trimmed_through, e.id as newest from <log_head> h
                left join (select trimmed_through from <room_trim> order by trimmed_through desc limit 1) t on true
                left join (select id from <message> order by id desc limit 1) e on true
                """;
        return handle.createQuery(sql)
                .map((row, context) ->
                        MessageId.max(MessageRow.mark(row), MessageRow.idOr(row, "newest", MessageId.MIN)))
                .one();
    }

    /**
     * Reads the mark and the messages in one statement: between two statements, a trim could make a gap that is not
     * announced.
     */
    MessageStore.Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        String sql = "select h.origin, t.trimmed_through, " + COLUMNS + " from <log_head> h"
                + " left join (" + highestMark(rooms) + ") t on true"
                + " left join (" + nearest(rooms, "id > :after and id <= :through", "") + ") p on true"
                + " left join <message> e on e.id = p.id order by e.id";
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
        boolean fits = true;
        // An iterator, so that rows beyond the limit are not fetched.
        Iterator<MessageRow> rows =
                query.setFetchSize(FETCH_SIZE).map(MessageRow::of).iterator();
        while (fits && rows.hasNext()) {
            MessageRow row = rows.next();
            mark = row.trimmedThrough();
            fits = row.message() == null || page.add(row.message());
        }
        return page.build(mark);
    }

    List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        String sql = "select " + COLUMNS + " from (" + nearest(rooms, "id < :before", "desc") + ") p"
                + " join <message> e on e.id = p.id order by e.id desc";
        return dialect.read(jdbi, handle -> {
            Query query = bind(handle.createQuery(sql), rooms)
                    .bind("before", before.toUuid())
                    .bind("limit", limit.entries());
            return fill(query, limit).reversed();
        });
    }

    List<Message> readLog(MessageId after, Limit limit) {
        String sql = "select " + COLUMNS + " from <message> e where e.id > :after order by e.id limit :limit";
        return dialect.read(jdbi, handle -> {
            Query query = handle.createQuery(sql).bind("after", after.toUuid()).bind("limit", limit.entries());
            return fill(query, limit).messages();
        });
    }

    MessageId startOfLast(RoomSet rooms, int count) {
        String sql = "select h.origin, t.trimmed_through, e.id as nearest from <log_head> h"
                + " left join (" + highestMark(rooms) + ") t on true left join (select id from ("
                + nearest(rooms, "true", "desc") + ") p order by id desc limit 1 offset :count) e on true";
        return jdbi.withHandle(handle -> bind(handle.createQuery(sql), rooms)
                .bind("limit", count + 1L)
                .bind("count", count)
                .map((row, context) ->
                        MessageId.max(MessageRow.mark(row), MessageRow.idOr(row, "nearest", MessageId.MIN)))
                .one());
    }

    MessageId floor(MessageId cursor) {
        String sql = """
                select h.origin, t.trimmed_through, e.id as nearest from <log_head> h
                left join (select trimmed_through from <room_trim> order by trimmed_through desc limit 1) t on true
                left join (select id from <message> where id <= :cursor order by id desc limit 1) e on true
                """;
        return jdbi.withHandle(handle -> handle.createQuery(sql)
                .bind("cursor", cursor.toUuid())
                .map((row, context) -> {
                    MessageId origin = MessageRow.idOr(row, "origin", MessageId.MIN);
                    MessageId nearest = MessageRow.idOr(row, "nearest", MessageId.MIN);
                    return MessageStore.floor(cursor, origin, MessageRow.mark(row), nearest);
                })
                .one());
    }

    MessageId trimmedThrough(RoomSet rooms) {
        String sql =
                "select h.origin, t.trimmed_through from <log_head> h left join (" + highestMark(rooms) + ") t on true";
        return jdbi.withHandle(handle -> bind(handle.createQuery(sql), rooms)
                .map((row, context) -> MessageRow.mark(row))
                .one());
    }

    Map<Room, MessageId> trimmedAfter(MessageId after) {
        String sql = "select room, trimmed_through from <room_trim> where trimmed_through > :after";
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
        return "select trimmed_through from <room_trim> where room in (" + names
                + ") order by trimmed_through desc limit 1";
    }

    /**
     * Selects the ids of {@code rooms} in {@code range}, at most {@code :limit}: the first ids or, with the direction
     * "desc", the last.
     */
    private static String nearest(RoomSet rooms, String range, String direction) {
        // The room is a constant here, but only with it in the order does H2 see that the index has this order.
        return IntStream.range(0, rooms.rooms().size())
                .mapToObj(i -> "(select room, id from <message> where room = :room" + i + " and " + range
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

    private static MessageStore.Page.Builder fill(Query query, Limit limit) {
        // A stream, so that rows beyond the limit are not fetched.
        try (query;
                Stream<Message> messages = query
                        .setFetchSize(FETCH_SIZE)
                        .map((row, context) -> Objects.requireNonNull(MessageRow.message(row)))
                        .stream()) {
            return new MessageStore.Page.Builder(limit).addAll(messages);
        }
    }
}
