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
 * A row of a query that returns the mark of some rooms with their messages.
 *
 * @param trimmedThrough the highest id that was trimmed from the rooms
 * @param message null in the only row of a result without messages
 */
record MessageRow(MessageId trimmedThrough, @Nullable Message message) {

    static MessageRow of(ResultSet row, StatementContext context) throws SQLException {
        return new MessageRow(mark(row), message(row));
    }

    /** The mark from the columns {@code origin} and {@code trimmed_through}, which is null when nothing was trimmed. */
    static MessageId mark(ResultSet row) throws SQLException {
        return MessageId.max(idOr(row, "origin", MessageId.MIN), idOr(row, "trimmed_through", MessageId.MIN));
    }

    static MessageId idOr(ResultSet row, String column, MessageId other) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? other : MessageId.of(id);
    }

    /** The name of a message type in the table. */
    static String nameOf(Message.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the message of the row, or null when the row has none. */
    static @Nullable Message message(ResultSet row) throws SQLException {
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
