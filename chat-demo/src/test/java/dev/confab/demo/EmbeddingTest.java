package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.core.SubscriberRecorder;
import dev.confab.jdbi.JdbiMessageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.stream.Collectors;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/embedding.md shows of the outbox is compiled, and does what it says. */
@Timeout(60)
class EmbeddingTest {
    private static final Path PAGE = Path.of("..", "docs", "embedding.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/confab/demo/Ordering.java");

    @Test
    void theOutboxExampleIsTheCodeThatIsTested() throws IOException {
        String code = between(Files.readString(SOURCE), "// outbox:begin\n", "        // outbox:end\n")
                .lines()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(between(Files.readString(PAGE), "<!-- embedding:outbox -->\n```java\n", "```\n"))
                .isEqualTo(code);
    }

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

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        assertThat(from).as(start).isNotNegative();
        int to = text.indexOf(end, from + start.length());
        assertThat(to).as(end).isNotNegative();
        return text.substring(from + start.length(), to);
    }
}
