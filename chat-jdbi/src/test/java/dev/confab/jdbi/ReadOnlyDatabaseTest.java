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

/** PostgreSQL that a host makes read-only for a while, as hosts do when a disk is nearly full. Prints figures. */
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

    /** Only sessions that begin meanwhile are read-only: the pool's are, and stay so for as long as they live. */
    @Test
    void publishingGoesOnWhenTheDatabaseIsWritableAgain() throws SQLException {
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
        // Each session of the pool is met sooner or later.
        while (chat.health().join() != Health.OK) {
            Thread.onSpinWait();
        }
        report("writable again", Health.OK, new Publishes(100, 0));
    }

    /** Nobody publishes to a node that a load balancer took out. */
    @Test
    void healthAloneFindsThatTheDatabaseIsWritableAgain() throws SQLException {
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
     * Has the pool fill up with sessions that began after the setting. A session that the pool was still opening before
     * the setting can arrive after it, so each one is asked: while all are held here, the pool opens none.
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
