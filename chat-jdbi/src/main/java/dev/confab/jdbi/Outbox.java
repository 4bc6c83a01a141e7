package dev.confab.jdbi;

import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.Nick;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Publishing in the application's own transaction: the message is in the log if and only if that transaction commits. The
 * connection is one to the database (and schema) of a {@link JdbiMessageStore}, whoever's it is; the transaction stays the
 * caller's, and no lock of the log is held while it is open.
 *
 * <p>A message gets its id, and so its place, when a node takes it over after the commit: within a second, or at once when
 * {@link ChatService#pollOutbox()} is called then. What is taken over together is in the order of the calls, whichever transaction
 * committed first; so what one transaction enqueued stays in its order. It is taken over exactly once, whatever is killed when.
 *
 * <p>Nobody is told what becomes of it. A key that is known, with the same nick and body, adds nothing, as in
 * {@link ChatService#publish}. What cannot be published (the key is known with other content, the row was not written by this
 * class) is moved to the table {@code confab_outbox_rejected} with its {@link Reason#code() reason} and logged; the newest 10,000
 * stay there.
 */
public final class Outbox {
    private static final String INSERT = "insert into confab_outbox (room, nick, body, draft_key) values (?, ?, ?, ?)";

    private Outbox() {}

    /**
     * Publishes {@code draft}, a message, when the transaction that {@code connection} is in commits. Blocks as a statement does.
     *
     * @throws SQLException as for any statement; in most databases the transaction then has failed
     */
    public static void enqueue(Connection connection, Draft draft) throws SQLException {
        check(draft);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, draft.room().name());
            insert.setString(2, nick(draft));
            insert.setString(3, draft.body());
            insert.setString(4, draft.key());
            insert.executeUpdate();
        }
    }

    /**
     * The same in the transaction of {@code handle}.
     *
     * @throws org.jdbi.v3.core.JdbiException as for any statement
     */
    public static void enqueue(Handle handle, Draft draft) {
        check(draft);
        handle.execute(INSERT, draft.room().name(), nick(draft), draft.body(), draft.key());
    }

    private static @Nullable String nick(Draft draft) {
        Nick nick = draft.nick();
        return nick == null ? null : nick.name();
    }

    private static void check(Draft draft) {
        if (draft.type() != Message.Type.MESSAGE) {
            throw new IllegalArgumentException("type: " + draft.type() + " (expected: MESSAGE)");
        }
    }
}
