package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreCalls;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Measures what a message takes in the tables and indexes. {@code -Dspace.messages=10000} uses more messages. */
@Timeout(110)
class PostgresSpaceTest {
    private static final int MESSAGES = Integer.getInteger("space.messages", 2_000);
    private static final String TEXT = "x".repeat(100);
    private static final String SIZE = "select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r'"
            + " and relnamespace = current_schema()::regnamespace";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tablesStayNearTheirContent(boolean keyed) throws SQLException {
        try (HikariDataSource pool = PostgresServer.pool(PostgresServer.newSchema());
                MessageStore store = JdbiMessageStore.open(pool)) {
            for (int i = 0; i < MESSAGES; i++) {
                StoreCalls.append(store, Draft.of(StoreCalls.A, null, TEXT, keyed ? "key-" + i : null));
            }
            long size = size(pool);
            assertThat(size).isLessThan(500_000L + MESSAGES * 800L);
            System.out.printf(
                    "PostgreSQL: %,d messages of 100 bytes, %s, %.2f kB a message%n",
                    MESSAGES, keyed ? "each with a key" : "without keys", size / 1e3 / MESSAGES);
        }
    }

    private static long size(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(SIZE)) {
            result.next();
            return result.getLong(1);
        }
    }
}
