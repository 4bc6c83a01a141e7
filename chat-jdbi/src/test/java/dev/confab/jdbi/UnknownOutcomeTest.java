package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.placed;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.Published;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import dev.confab.jdbi.FaultyDataSource.Fault;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests connections that are lost during a commit, so that its outcome is unknown at first. */
class UnknownOutcomeTest {
    private static final Draft KEYED = Draft.of(A, ANN, "keyed", "k");
    private static final List<Draft> BATCH = List.of(KEYED, Draft.of(B, "second"), StoreCalls.join(B, ANN));

    private final HikariDataSource database = H2Database.inMemory();
    private final FaultyDataSource faulty = new FaultyDataSource(database);
    private final MessageStore store = JdbiMessageStore.open(
            faulty.asDataSource(), JdbiStoreConfig.defaults().withOutcomeDeadline(Duration.ofMillis(200)));

    @BeforeEach
    void beginLease() {
        store.beginLease(NODE, MessageStore.MAX_LEASE);
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    @Test
    void commitThatWasDoneIsFoundAndAcknowledged() {
        MessageId before = publish(store, A, "first").id();
        int commits = faulty.commits();
        faulty.failCommits(Fault.LOST_AFTER_COMMIT);

        Appended appended = store.append(NODE, BATCH);

        assertThat(appended.previous()).isEqualTo(before);
        assertThat(faulty.commits()).isEqualTo(commits + 1);
        assertStoredOnce(appended);
    }

    @Test
    void commitThatWasNotDoneStoredNothing() {
        MessageId before = publish(store, A, "first").id();
        faulty.failCommits(Fault.LOST_BEFORE_COMMIT);

        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);

        assertThat(store.lastId()).isEqualTo(before);
        Appended appended = store.append(NODE, BATCH);
        assertThat(appended.previous()).isEqualTo(before);
        assertStoredOnce(appended);
    }

    @Test
    void commitThatWasNotDoneIsRepeatedWhileThePublisherWaits() {
        try (ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            faulty.failCommits(Fault.LOST_BEFORE_COMMIT, Fault.LOST_BEFORE_COMMIT);
            Published published = chat.publish(KEYED).join();
            assertThat(published.isNew()).isTrue();
            assertThat(all(store, A, B)).containsExactly(published.entry().message());
        }
    }

    @Test
    void commitThatIsLostRepeatedlyIsStoredOnce() {
        publish(store, A, "first");
        faulty.failCommits(Fault.LOST_BEFORE_COMMIT, Fault.LOST_BEFORE_COMMIT, Fault.LOST_AFTER_COMMIT);
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertStoredOnce(store.append(NODE, BATCH));
    }

    @Test
    void outcomeIsUnknownWhenTheDatabaseStaysUnavailable() {
        faulty.failCommits(Fault.LOST_AFTER_COMMIT);
        faulty.afterFault(() -> faulty.setDown(true));
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.OUTCOME_UNKNOWN);
        faulty.setDown(false);
        assertThat(append(store, KEYED)).isInstanceOf(Outcome.Known.class);
    }

    @Test
    void batchThatRetentionMayHaveRemovedIsNotAppendedAgain() {
        faulty.failCommits(Fault.LOST_BEFORE_COMMIT);
        faulty.afterFault(() -> execute("insert into confab_room_trim values ('b', '" + MessageId.MAX.toUuid() + "')"));
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.OUTCOME_UNKNOWN);
        assertThat(all(store, A, B)).isEmpty();
    }

    @Test
    void commitThatTheServerRolledBackStoredNothing() {
        faulty.failCommits(Fault.ROLLED_BACK);
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(all(store, A, B)).isEmpty();
        assertThat(append(store, KEYED)).isInstanceOf(Outcome.Placed.class);
    }

    @Test
    void nothingIsStoredWhenThereIsNoConnection() {
        faulty.setDown(true);
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(catchThrowableOfType(StoreException.class, store::lastId).kind())
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
        faulty.setDown(false);
        assertThat(all(store, A, B)).isEmpty();
    }

    @Test
    void messagesThatCannotBeSyncedAreNotAcknowledged() {
        faulty.setUnsyncable(true);
        assertThat(failure(BATCH).kind()).isEqualTo(StoreException.Kind.OUTCOME_UNKNOWN);
        assertThat(failure(List.of(KEYED)).kind())
                .as("a known key is as durable as what it answers with")
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
        faulty.setUnsyncable(false);
        assertThat(append(store, KEYED)).isInstanceOf(Outcome.Known.class);
    }

    private void assertStoredOnce(Appended appended) {
        List<Message> messages =
                appended.outcomes().stream().map(StoreCalls::placed).toList();
        assertThat(bodies(all(store, A, B))).containsExactly("first", "keyed", "second", "");
        assertThat(all(store, A, B).subList(1, 4)).isEqualTo(messages);
        assertThat(append(store, KEYED))
                .isEqualTo(new Outcome.Known(placed(appended.outcomes().get(0))));
        assertThat(append(store, StoreCalls.join(B, ANN))).isEqualTo(new Outcome.Unchanged());
    }

    private StoreException failure(List<Draft> batch) {
        return catchThrowableOfType(StoreException.class, () -> store.append(NODE, batch));
    }

    private void execute(String sql) {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
