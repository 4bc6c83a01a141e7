package dev.confab.jdbi;

import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.UUID;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A row of a query for entries.
 *
 * @param trimmedThrough the mark of the rooms asked for, or {@link MessageId#MIN} when the query does not have it
 * @param message null when there are no entries and the row is there for the mark
 */
record EntryRow(MessageId trimmedThrough, @Nullable Message message) {

    static EntryRow of(ResultSet row, StatementContext context) throws SQLException {
        boolean marked = row.getMetaData().getColumnCount() > 5;
        return new EntryRow(marked ? mark(row) : MessageId.MIN, message(row));
    }

    /** What was trimmed, from the columns {@code origin} and {@code trimmed_through} (null where nothing was). */
    static MessageId mark(ResultSet row) throws SQLException {
        return MessageId.max(idOr(row, "origin", MessageId.MIN), idOr(row, "trimmed_through", MessageId.MIN));
    }

    static MessageId idOr(ResultSet row, String column, MessageId other) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? other : MessageId.of(id);
    }

    /** The name of a type in the table. */
    static String nameOf(Message.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Message message(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        if (id == null) {
            return null;
        }
        String nick = row.getString("nick");
        return new Message(
                Message.Type.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                MessageId.of(id),
                new Room(row.getString("room")),
                nick == null ? null : new Nick(nick),
                row.getString("body"));
    }
}
