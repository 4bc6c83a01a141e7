package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Health;
import dev.confab.core.MessageStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests a PostgreSQL database that its host makes read-only for a while, as hosts do when a disk is nearly full. Prints
 * the results.
 */
@Timeout(120)
class ReadOnlyDatabaseTest {
    private static final int POOL_SIZE = 8;

    private final String url = PostgresServer.newDatabase();
    private final String name = url.replaceFirst(".*/(database\\d+).*", "$1");
    private final HikariDataSource pool = PostgresServer.pool(url);
    private final MessageStore store = JdbiMessageStore.open(pool);
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());

    @BeforeEach
    void keepSessions() {
        pool.setMaximumPoolSize(POOL_SIZE);
        pool.setMinimumIdle(POOL_SIZE);
    }

    @AfterEach
    void close() {
        chat.close();
        store.close();
        pool.close();
    }

    /** Only sessions that begin while the setting is on are read-only: the pool's are, and they stay read-only. */
    @Test
    void publishingContinuesWhenTheDatabaseIsWritableAgain() throws SQLException {
        report("writable", Health.OK, new Publishes(20, 0));

        PostgresServer.execute(url, "alter database " + name + " set default_transaction_read_only = on");
        replaceSessions();
        report("read-only", Health.READ_ONLY, new Publishes(0, 2));

        PostgresServer.execute(adminUrl(), "alter database " + name + " reset default_transaction_read_only");
        long begun = System.nanoTime();
        while (Publishes.run(chat, 1, 1).stored() == 0) {
            Thread.onSpinWait();
        }
        System.out.printf("Writable again: stored after %d ms%n", (System.nanoTime() - begun) / 1_000_000);
        // The health check reaches each session of the pool sooner or later.
        while (chat.health().join() != Health.OK) {
            Thread.onSpinWait();
        }
        report("writable again", Health.OK, new Publishes(100, 0));
    }

    /** No client publishes to a node that a load balancer has removed. */
    @Test
    void theHealthCheckAloneDetectsThatTheDatabaseIsWritableAgain() throws SQLException {
        PostgresServer.execute(url, "alter database " + name + " set default_transaction_read_only = on");
        replaceSessions();
        assertThat(chat.health().join()).isEqualTo(Health.READ_ONLY);
        PostgresServer.execute(adminUrl(), "alter database " + name + " reset default_transaction_read_only");
        while (chat.health().join() != Health.OK) {
            Thread.onSpinWait();
        }
    }

    private void report(String state, Health health, Publishes expected) {
        Publishes publishes = Publishes.run(chat, expected.stored() + expected.unavailable(), 4);
        Health found = chat.health().join();
        System.out.println("The database is " + state + ": " + publishes + "; health " + found);
        assertThat(publishes).isEqualTo(expected);
        assertThat(found).isEqualTo(health);
    }

    /**
     * Replaces the sessions of the pool by sessions that began after the setting was changed. A session that the pool
     * began to open before the change can arrive afterwards, so each session is checked. While this method holds all
     * sessions, the pool opens no others.
     */
    private void replaceSessions() throws SQLException {
        Connection[] sessions = new Connection[POOL_SIZE];
        for (int i = 0; i < POOL_SIZE; i++) {
            sessions[i] = pool.getConnection();
            while (!isReadOnly(sessions[i])) {
                pool.evictConnection(sessions[i]);
                sessions[i] = pool.getConnection();
            }
        }
        for (Connection session : sessions) {
            session.close();
        }
    }

    private static boolean isReadOnly(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("show default_transaction_read_only")) {
            return result.next() && result.getString(1).equals("on");
        }
    }

    private String adminUrl() {
        return url.replace("/" + name, "/postgres");
    }
}
