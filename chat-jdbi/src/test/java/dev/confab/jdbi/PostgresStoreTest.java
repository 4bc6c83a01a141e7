package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.placed;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.Retention;
import dev.confab.core.RoomSet;
import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the cases that only PostgreSQL has: several concurrent nodes, nodes that stop, and lost connections. */
@Timeout(120)
class PostgresStoreTest {
    private final String url = PostgresServer.newSchema();
    private final HikariDataSource database = PostgresServer.pool(url);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdown();
        database.close();
    }

    @Test
    void isShared() {
        MessageStore store = JdbiMessageStore.open(database);
        assertThat(store.isBlocking()).isTrue();
        assertThat(store.isShared()).isTrue();
    }

    @Test
    void tenNodesStartAtOnceOnAnEmptyDatabase() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Future<MessageId>> nodes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int node = i;
            nodes.add(threads.submit(() -> {
                go.await();
                MessageStore store = JdbiMessageStore.open(PostgresServer.unpooled(url));
                MessageId origin = store.trimmedThrough(RoomSet.of(A));
                publish(store, A, "" + node);
                return origin;
            }));
        }
        go.countDown();
        MessageId origin = nodes.get(0).get();
        for (Future<MessageId> node : nodes) {
            assertThat(node.get()).isEqualTo(origin);
        }
        assertThat(all(JdbiMessageStore.open(database), A)).hasSize(10);
    }

    @Test
    void databaseOfANewerProgramIsRefused() {
        JdbiMessageStore.open(database).close();
        PostgresServer.execute(url, "update confab_schema set version = 1000");
        assertThatThrownBy(() -> JdbiMessageStore.open(database))
                .isInstanceOf(StoreException.class)
                .hasMessage("schema: version 1000 (expected: at most 4; the database is of a newer program)");
    }

    @Test
    void databaseOfAnotherEncodingIsRefused() {
        String name = "ascii" + System.nanoTime();
        PostgresServer.execute(
                url,
                "create database " + name + " template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'");
        // The first data source has no schema in which tables could be created; the second has one.
        String ascii = url.replace("/postgres?", "/" + name + "?");
        DataSource withSchema =
                PostgresServer.unpooled(ascii.replaceFirst("currentSchema=[^&]*", "currentSchema=public"));
        for (DataSource source : List.of(PostgresServer.unpooled(ascii), withSchema)) {
            assertThatThrownBy(() -> JdbiMessageStore.open(source))
                    .isInstanceOf(StoreException.class)
                    .hasMessage("database encoding: SQL_ASCII (expected: UTF8)");
        }
        String tables = "select count(*) from pg_tables where schemaname = 'public'";
        assertThat(Jdbi.create(withSchema)
                        .<Integer, RuntimeException>withHandle(handle ->
                                handle.select(tables).mapTo(Integer.class).one()))
                .isZero();
    }

    @Test
    void serverThatIsTooOldIsRefused() {
        assertThatThrownBy(() -> PostgresDialect.ofVersion(12))
                .hasMessage("database: PostgreSQL 12 (expected: 13 or newer)");
    }

    @Test
    void aRoleThatMayNotCreateTablesCanUseThem() throws SQLException {
        JdbiMessageStore.open(database).close();
        String schema = schema();
        PostgresServer.execute(url, "create role user_" + schema + " login");
        PostgresServer.execute(url, "grant usage on schema " + schema + " to user_" + schema);
        PostgresServer.execute(
                url, "grant select, insert, update, delete on all tables in schema " + schema + " to user_" + schema);
        MessageStore store =
                JdbiMessageStore.open(PostgresServer.unpooled(url.replace("user=postgres", "user=user_" + schema)));
        publish(store, A, "mine");
        store.trim(new Retention(Duration.ofDays(1), 1));
        assertThat(bodies(all(store, A))).containsExactly("mine");
    }

    @Test
    void theTimeOfAMessageIsTheTimeOfTheDatabase() throws SQLException {
        MessageStore store = JdbiMessageStore.open(database);
        OffsetDateTime before = query("select date_trunc('milliseconds', clock_timestamp())", OffsetDateTime.class);
        Message message = publish(store, A, "now");
        OffsetDateTime after = query("select clock_timestamp()", OffsetDateTime.class);
        assertThat(message.id().time()).isBetween(before.toInstant(), after.toInstant());
    }

    @Test
    void poisonedBatchIsRefused() {
        MessageStore store = JdbiMessageStore.open(database);
        PostgresServer.execute(url, "alter table confab_message add constraint poison check (body <> 'poison')");
        assertThatThrownBy(() -> store.append(NODE, List.of(Draft.of(A, "good"), Draft.of(A, "poison"))))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.REFUSED));
        assertThat(all(store, A)).isEmpty();
    }

    @Test
    void connectionThatDiesBeforeItsCommitIsDoneStoresOnce() throws Exception {
        MessageStore store = JdbiMessageStore.open(database);
        // The commit runs this function, and so waits for the lock that the test holds.
        PostgresServer.execute(url, """
                create function wait() returns trigger language plpgsql as
                  'begin perform pg_advisory_xact_lock_shared(4711); return null; end'
                """);
        PostgresServer.execute(
                url,
                "create constraint trigger slow_commit after insert on confab_message"
                        + " deferrable initially deferred for each row execute function wait()");
        Future<Outcome> outcome;
        try (Connection other = database.getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(4711)");
            outcome = threads.submit(() -> appendAgain(store, Draft.of(A, ANN, "body", "key")));
            terminateWhatWaitsFor("advisory");
            statement.execute("select pg_advisory_unlock(4711)");
        }
        assertStoredOnce(store, outcome);
    }

    @Test
    void connectionThatDiesAfterItsCommitIsDoneStoresOnce() throws Exception {
        MessageStore store = JdbiMessageStore.open(database);
        PostgresServer.execute(url, "create table probe (id int)");
        Future<Outcome> outcome;
        // Each commit is done, and then waits for a standby that does not exist.
        PostgresServer.execute(url, "alter system set synchronous_standby_names = 'nobody'");
        PostgresServer.execute(url, "select pg_reload_conf()");
        try {
            awaitStandbyRequired();
            outcome = threads.submit(() -> append(store, Draft.of(A, ANN, "body", "key")));
            terminateWhatWaitsFor("SyncRep");
        } finally {
            PostgresServer.execute(url, "alter system reset synchronous_standby_names");
            PostgresServer.execute(url, "select pg_reload_conf()");
        }
        assertStoredOnce(store, outcome);
    }

    /**
     * Uses two logs, so that the test can wait for both at once. On the first log a node stops between two statements,
     * on the second log within a statement. The test checks the limits that the server enforces, and not the time that
     * passes, because a busy machine adds to that time.
     */
    @Test
    void nodeThatStopsWithTheLockHeldBlocksTheOthersForAtMostFourSeconds() throws Exception {
        // Before version 17, a node that stops within a statement blocks the others until the statement times out.
        boolean limited = query("select current_setting('server_version_num')::int", Integer.class) >= 170_000;
        HikariDataSource secondDatabase = PostgresServer.pool(PostgresServer.newSchema());
        MessageStore store = JdbiMessageStore.open(database);
        MessageStore second = JdbiMessageStore.open(secondDatabase);
        try (Handle idle = Jdbi.open(database);
                Handle busy = Jdbi.open(secondDatabase)) {
            lock(idle);
            lock(busy);
            assertThat(setting(idle, "idle_in_transaction_session_timeout")).isEqualTo("4s");
            assertThat(setting(busy, limited ? "transaction_timeout" : "statement_timeout"))
                    .isEqualTo(limited ? "4s" : "10s");
            Future<?> sleeps = threads.submit(() -> busy.execute("select pg_sleep(60)"));
            Future<Message> other = threads.submit(() -> publishAgain(second));
            publishAgain(store);
            other.get();

            // The stopped node does no harm when it continues.
            assertThatThrownBy(() -> {
                        idle.execute("delete from confab_message");
                        idle.commit();
                    })
                    .isInstanceOf(RuntimeException.class);
            assertThatThrownBy(sleeps::get).hasMessageContaining(limited ? "transaction timeout" : "statement timeout");
            if (!limited) {
                // The time-out ended only the statement, not the connection.
                busy.rollback();
            }
        }
        assertThat(bodies(all(store, A))).containsExactly("goes on");
        secondDatabase.close();
    }

    private static Message publishAgain(MessageStore store) {
        return placed(appendAgain(store, Draft.of(A, "goes on")));
    }

    /**
     * Appends, and tries again when nothing was stored, for example because the append lock was not available in time,
     * as a node does.
     */
    private static Outcome appendAgain(MessageStore store, Draft draft) {
        while (true) {
            try {
                return append(store, draft);
            } catch (StoreException e) {
                assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
            }
        }
    }

    private static void lock(Handle handle) throws SQLException {
        handle.define("log_head", "confab_log_head");
        handle.begin();
        Dialect.of(handle.getConnection()).lockAppends(handle);
    }

    private static String setting(Handle handle, String name) {
        return handle.select("select current_setting(?)", name)
                .mapTo(String.class)
                .one();
    }

    private void assertStoredOnce(MessageStore store, Future<Outcome> outcome) throws Exception {
        Message message = placed(outcome.get(20, TimeUnit.SECONDS));
        assertThat(all(store, A)).containsExactly(message);
        assertThat(append(store, Draft.of(A, ANN, "body", "key"))).isEqualTo(new Outcome.Known(message));
    }

    /** Waits until a commit of this server waits for {@code event}, and ends its connection. */
    private void terminateWhatWaitsFor(String event) throws SQLException {
        try (Connection connection = PostgresServer.unpooled(url).getConnection();
                Statement statement = connection.createStatement()) {
            while (!PostgresServer.terminate(statement, "wait_event = '" + event + "'")) {
                statement.execute("select pg_sleep(0.01)");
            }
        }
    }

    /**
     * Commits until a commit waits for a standby, and ends its connection. The server reloads its settings some time
     * after {@code pg_reload_conf} has returned, and a commit before the reload would not wait.
     */
    private void awaitStandbyRequired() throws Exception {
        Future<?> commits = threads.submit(() -> {
            try (Connection connection = PostgresServer.unpooled(url).getConnection();
                    Statement statement = connection.createStatement()) {
                while (true) {
                    statement.execute("insert into probe values (1)");
                }
            }
        });
        terminateWhatWaitsFor("SyncRep");
        assertThatThrownBy(commits::get).hasCauseInstanceOf(SQLException.class);
    }

    private String schema() throws SQLException {
        return query("select current_schema()::text", String.class);
    }

    private <T> T query(String sql, Class<T> type) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getObject(1, type);
        }
    }
}
