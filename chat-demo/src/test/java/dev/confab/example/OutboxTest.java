package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.core.SubscriberRecorder;
import dev.confab.jdbi.JdbiMessageStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the example of the outbox in docs/embedding.md. */
@Timeout(60)
class OutboxTest {
    @Test
    void theOutboxExampleRuns() throws SQLException {
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl("jdbc:h2:mem:ordering-" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        try (JdbiMessageStore store = JdbiMessageStore.open(database);
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            SubscriberRecorder reader = new SubscriberRecorder();
            chat.subscribe(RoomSet.of(new Room("orders")), Start.EARLIEST, Runnable::run, reader)
                    .join();
            assertThatThrownBy(() -> Ordering.order(database, chat, "no table yet"))
                    .isInstanceOf(SQLException.class);
            try (Connection connection = database.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table orders (item varchar)");
            }
            Ordering.order(database, chat, "tea");
            assertThat(reader.awaitBodies(1)).containsExactly("ordered: tea");
            reader.assertExhausted();
        }
    }
}
