package dev.confab.jdbi;

import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Publishes in the application's own transaction: the message is in the log if and only if that transaction commits.
 * The connection may be any connection to the database of a {@link JdbiMessageStore}. The transaction stays the
 * caller's, and no lock of the log is held while it is open.
 *
 * <p>A message gets its id, and so its place in the log, when a node releases it after the commit: within a second, or
 * at once if {@link ChatService#pollOutbox()} is called after the commit. Messages that are released together are in
 * the order of the calls, whichever transaction committed first; so the messages of one transaction stay in their
 * order. Each message is released exactly once, even when nodes or the database are killed.
 *
 * <p>The caller does not learn the outcome. A message whose key is known, with the same nick and body, adds nothing, as
 * in {@link ChatService#publish}. A message that cannot be published (its key is known with other content, or its row
 * was not written by this class) is moved to the table {@code confab_outbox_rejected} with its {@link Reason#code()
 * reason}, and logged. The newest 10,000 rejected messages stay there.
 *
 * <p>Immutable, and safe for any thread.
 */
public final class Outbox {
    private final String insert;

    private Outbox(JdbiStoreConfig config) {
        this.insert = "insert into " + config.table("outbox") + " (room, nick, body, draft_key) values (?, ?, ?, ?)";
    }

    /** The outbox of the log that has the schema and the table prefix of {@code config}. Opens nothing. */
    public static Outbox of(JdbiStoreConfig config) {
        return new Outbox(config);
    }

    /**
     * Publishes {@code draft}, a message, when the transaction of {@code connection} commits. Blocks as a statement
     * does.
     *
     * @throws SQLException as for any statement; in most databases the transaction then has failed
     */
    public void enqueue(Connection connection, Draft draft) throws SQLException {
        check(draft);
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, draft.room().name());
            statement.setString(2, nick(draft));
            statement.setString(3, draft.body());
            statement.setString(4, draft.key());
            statement.executeUpdate();
        }
    }

    /**
     * Publishes {@code draft}, a message, when the transaction of {@code handle} commits.
     *
     * @throws org.jdbi.v3.core.JdbiException as for any statement
     */
    public void enqueue(Handle handle, Draft draft) {
        check(draft);
        handle.execute(insert, draft.room().name(), nick(draft), draft.body(), draft.key());
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
