package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publishAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.ManualClock;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.Participant;
import dev.confab.core.Retention;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JdbiMessageStoreTest {
    private final HikariDataSource database = H2Database.inMemory();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void blocksAndIsNotSharedOnH2() {
        MessageStore store = JdbiMessageStore.open(database);
        assertThat(store.isBlocking()).isTrue();
        assertThat(store.isShared()).isFalse();
    }

    @Test
    void databaseThatIsDownIsUnavailable() {
        database.close();
        assertThat(catchThrowableOfType(StoreException.class, () -> JdbiMessageStore.open(database))
                        .kind())
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
    }

    @Test
    void isolationThatIsTooHighIsRefused() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database);
        config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        try (HikariDataSource strict = new HikariDataSource(config)) {
            assertThatThrownBy(() -> JdbiMessageStore.open(strict))
                    .isInstanceOf(StoreException.class)
                    .hasMessage("isolation: SERIALIZABLE (expected: READ_COMMITTED)");
        }
    }

    @Test
    void storesThatAreOpenedAtOnceShareOneLog() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<MessageId>> origins = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                origins.add(threads.submit(() -> JdbiMessageStore.open(database).lastId()));
            }
            MessageId origin = origins.get(0).get();
            for (Future<MessageId> other : origins) {
                assertThat(other.get()).isEqualTo(origin);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void migrationThatStoppedHalfWayIsFinished() throws SQLException {
        execute("create table confab_schema (id int primary key, version int not null)");
        execute("insert into confab_schema values (1, 0)");
        execute("create table confab_log_head (id int primary key check (id = 1), origin uuid not null)");
        MessageStore store = JdbiMessageStore.open(database);
        publishAll(store, A, 3);
        assertThat(all(store, A)).hasSize(3);
        assertThat(query("select version from confab_schema")).isEqualTo("4");
    }

    @Test
    void participantsFromBeforeThereWereNodesLeave() throws SQLException {
        for (String statement : OldSchema.version(1)) {
            execute(statement);
        }
        execute("insert into participant values ('a', 'ann', random_uuid()), ('a', 'bob', random_uuid())");

        MessageStore store = JdbiMessageStore.open(database);
        assertThat(store.participants(A)).hasSize(2);
        store.beginLease(NODE, Duration.ofSeconds(15));
        append(store, StoreCalls.join(A, ANN));
        assertThat(store.expireNodes(NODE, false)).isNotNull();
        assertThat(store.expireNodes(NODE, false)).isNull();
        assertThat(store.participants(A)).containsExactly(new Participant(A, ANN));
        assertThat(all(store, A)).extracting(Message::type).containsExactly(Message.Type.MESSAGE, Message.Type.LEAVE);
    }

    @Test
    void poisonedBatchIsRefusedAsAWholeAndTheRestWorks() throws SQLException {
        MessageStore store = JdbiMessageStore.open(database);
        execute("alter table confab_message add constraint poison check (body <> 'poison')");
        MessageId before = store.lastId();
        Draft good = Draft.of(A, ANN, "good", "k");
        Draft poison = Draft.of(A, "poison");
        StoreException refused =
                catchThrowableOfType(StoreException.class, () -> store.append(NODE, List.of(good, poison)));
        assertThat(refused.kind()).isEqualTo(StoreException.Kind.REFUSED);
        assertThat(store.lastId()).isEqualTo(before);
        assertThat(append(store, good)).isInstanceOf(Outcome.Placed.class);
        assertThat(bodies(all(store, A))).containsExactly("good");
    }

    @Test
    void lockHeldTooLongMakesTheStoreUnavailable() throws SQLException {
        MessageStore store = JdbiMessageStore.open(database);
        try (Connection other = database.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement
                    .executeQuery("select origin from confab_log_head for update")
                    .close();
            StoreException failure =
                    catchThrowableOfType(StoreException.class, () -> append(store, Draft.of(A, "late")));
            assertThat(failure.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
            other.rollback();
        }
        assertThat(all(store, A)).isEmpty();
    }

    @Test
    void readsAndTrimsDoNotWaitForAnAppend() throws SQLException {
        MessageStore store = JdbiMessageStore.open(database);
        List<Message> stored = publishAll(store, A, 3);
        try (Connection other = database.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement
                    .executeQuery("select origin from confab_log_head for update")
                    .close();
            assertThat(all(store, A)).isEqualTo(stored);
            assertThat(store.trim(new Retention(null, 1))).isNotEmpty();
            other.rollback();
        }
    }

    @Test
    void trimsRunOneAfterAnother() throws SQLException {
        MessageStore store = JdbiMessageStore.open(database);
        List<Message> stored = publishAll(store, A, 3);
        // Two concurrent trims by two nodes could set a trim mark back below messages that are already removed.
        try (Connection other = database.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement
                    .executeQuery("select version from confab_schema for update")
                    .close();
            assertThat(catchThrowableOfType(StoreException.class, () -> store.trim(new Retention(null, 1)))
                            .kind())
                    .isEqualTo(StoreException.Kind.UNAVAILABLE);
            assertThat(all(store, A)).isEqualTo(stored);
            other.rollback();
        }
        assertThat(store.trim(new Retention(null, 1))).isNotEmpty();
    }

    @Test
    void keysAreForgottenWithTheTrimAfter24Hours() throws SQLException {
        ManualClock clock = new ManualClock();
        MessageStore store =
                JdbiMessageStore.open(database, JdbiStoreConfig.defaults().withClock(clock));
        append(store, Draft.of(A, ANN, "old", "old"));
        clock.advance(Duration.ofHours(24));
        append(store, Draft.of(A, ANN, "new", "new"));
        store.trim(Retention.FOREVER);
        assertThat(query("select count(*) from confab_publish_key")).isEqualTo("2");
        clock.advance(Duration.ofMillis(1));
        store.trim(Retention.FOREVER);
        assertThat(query("select draft_key from confab_publish_key")).isEqualTo("new");
        assertThat(bodies(all(store, A))).containsExactly("old", "new");
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> JdbiStoreConfig.defaults().withOutcomeDeadline(Duration.ZERO))
                .hasMessage("outcomeDeadline: PT0S (expected: more than zero)");
        assertThat(JdbiStoreConfig.defaults().durability()).isEqualTo(Durability.FSYNC);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
