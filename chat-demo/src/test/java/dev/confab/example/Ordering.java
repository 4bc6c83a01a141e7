package dev.confab.example;

import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.Outbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Stores an order and publishes a message about it, in one transaction. */
final class Ordering {
    private static final Outbox OUTBOX = Outbox.of(JdbiStoreConfig.defaults());

    private Ordering() {}

    static void order(DataSource database, ChatService chat, String item) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("insert into orders (item) values (?)")) {
                insert.setString(1, item);
                insert.executeUpdate();
            }
            OUTBOX.enqueue(connection, Draft.of(new Room("orders"), "ordered: " + item));
            connection.commit(); // the order and its message, or neither
        }
        chat.pollOutbox(); // at once; without it, within a second
    }
}
