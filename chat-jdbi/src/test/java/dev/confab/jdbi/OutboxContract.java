package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStore.Appended;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import dev.confab.core.SubscriberRecorder;
import dev.confab.jdbi.FaultyDataSource.Fault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests publishing in the application's own transaction. */
@Timeout(60)
abstract class OutboxContract {
    static final Outbox OUTBOX = Outbox.of(JdbiStoreConfig.defaults());

    final HikariDataSource database;
    private final JdbiMessageStore store;

    OutboxContract(HikariDataSource database) {
        this.database = database;
        ApplicationTables.create(database);
        this.store = JdbiMessageStore.open(database);
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    @Test
    void onlyCommittedRowsAreCounted() throws SQLException {
        assertThat(store.outboxRows()).isZero();
        try (Connection application = begin()) {
            OUTBOX.enqueue(application, Draft.of(A, "first"));
            OUTBOX.enqueue(application, Draft.of(B, "second"));
            assertThat(store.outboxRows()).as("nothing is committed").isZero();
            application.commit();
        }
        assertThat(store.outboxRows()).isEqualTo(2);
        store.takeOutbox();
        assertThat(store.outboxRows()).isZero();
    }

    @Test
    void onlyDraftsOfCommittedTransactionsArePublished() throws SQLException {
        try (Connection application = begin()) {
            OUTBOX.enqueue(application, Draft.of(A, ANN, "first", null));
            OUTBOX.enqueue(application, Draft.of(B, "second"));
            assertThat(store.takeOutbox()).as("nothing is committed").isNull();
            application.commit();
            OUTBOX.enqueue(application, Draft.of(A, "never"));
            application.rollback();
        }
        MessageId before = store.lastId();
        Appended page = store.takeOutbox();
        assertThat(page).isNotNull();
        assertThat(page.previous()).isEqualTo(before);
        assertThat(page.outcomes().stream().map(StoreCalls::placed)).isEqualTo(all(store, A, B));
        assertThat(bodies(all(store, A, B))).containsExactly("first", "second");
        assertThat(all(store, A).get(0).nick()).isEqualTo(ANN);
        assertThat(store.takeOutbox()).isNull();
    }

    @Test
    void transactionsOfJdbiWorkInTheSameWay() {
        Jdbi jdbi = Jdbi.create(database);
        jdbi.useTransaction(handle -> {
            OUTBOX.enqueue(handle, Draft.of(A, ANN, "by jdbi", "key"));
            handle.execute("create table if not exists orders (id int)");
        });
        assertThatThrownBy(() -> jdbi.useTransaction(handle -> {
                    OUTBOX.enqueue(handle, Draft.of(A, "never"));
                    throw new IllegalStateException("the application's");
                }))
                .hasMessage("the application's");
        takeAll(store);
        assertThat(bodies(all(store, A))).containsExactly("by jdbi");
    }

    @Test
    void pagesAreBoundedAndKeepTheOrderOfTheCalls() throws SQLException {
        List<String> bodies = IntStream.range(0, 2_500).mapToObj(i -> "m" + i).toList();
        enqueue(bodies.stream().map(body -> Draft.of(A, body)).toList());
        List<Integer> pages = takeAll(store);
        assertThat(pages).containsExactly(1_000, 1_000, 500);
        assertThat(bodies(all(store, A))).isEqualTo(bodies);

        enqueue(IntStream.range(0, 250)
                .mapToObj(i -> Draft.of(B, "x".repeat(9_000)))
                .toList());
        assertThat(takeAll(store)).as("1 MiB each").containsExactly(116, 116, 18);
    }

    /** Neither publishers nor drafts that were enqueued later but committed earlier wait for an open transaction. */
    @Test
    void openTransactionBlocksNobodyAndIsNotLost() throws SQLException {
        try (Connection slow = begin();
                Connection quick = begin()) {
            OUTBOX.enqueue(slow, Draft.of(A, "slow"));
            OUTBOX.enqueue(quick, Draft.of(A, "quick"));
            publish(store, A, "publish");
            quick.commit();
            takeAll(store);
            publish(store, A, "publish again");
            slow.commit();
            takeAll(store);
        }
        assertThat(bodies(all(store, A))).containsExactly("publish", "quick", "publish again", "slow");
    }

    @Test
    void concurrentNodesReleaseEachRowOnce() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        int writers = 3;
        int each = 60;
        AtomicInteger left = new AtomicInteger(writers);
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            int writer = i;
            work.add(threads.submit(() -> {
                for (int n = 0; n < each; n++) {
                    enqueue(List.of(Draft.of(A, writer + "-" + n + "a"), Draft.of(A, writer + "-" + n + "b")));
                }
                return left.decrementAndGet();
            }));
        }
        for (int i = 0; i < 2; i++) {
            MessageStore node = JdbiMessageStore.open(database);
            Callable<Integer> taker = () -> {
                int pages = 0;
                boolean last = false;
                while (!last) {
                    last = left.get() == 0;
                    pages += takeAll(node).size();
                }
                return pages;
            };
            work.add(threads.submit(taker));
        }
        for (Future<?> done : work) {
            done.get();
        }
        threads.shutdown();
        List<String> bodies = bodies(all(store, A));
        assertThat(bodies).hasSize(writers * each * 2).doesNotHaveDuplicates();
        for (int i = 0; i < writers; i++) {
            String writer = i + "-";
            assertThat(bodies.stream().filter(body -> body.startsWith(writer)))
                    .as("each writer's order")
                    .containsExactlyElementsOf(IntStream.range(0, each * 2)
                            .mapToObj(n -> writer + n / 2 + (n % 2 == 0 ? "a" : "b"))
                            .toList());
        }
    }

    @Test
    void knownKeyAddsNothingAndIsRejectedWithOtherContent() throws SQLException {
        append(store, Draft.of(A, ANN, "known", "k1"));
        enqueue(List.of(
                Draft.of(A, ANN, "known", "k1"),
                Draft.of(A, ANN, "other", "k1"),
                Draft.of(A, ANN, "new", "k2"),
                Draft.of(A, ANN, "new", "k2")));
        takeAll(store);
        assertThat(bodies(all(store, A))).containsExactly("known", "new");
        assertThat(rejected()).containsExactly("other key_conflict");
        assertThat(count("confab_outbox")).isZero();
    }

    @Test
    void rowsThatCannotBePublishedDoNotBlockOthers() throws SQLException {
        execute("alter table confab_message add constraint poison check (body <> 'poison')");
        enqueue(IntStream.range(0, 20)
                .mapToObj(i -> Draft.of(A, i % 8 == 3 ? "poison" : "m" + i))
                .toList());
        execute("insert into confab_outbox (room, body) values ('no room!', 'by hand')");
        execute("insert into confab_outbox (room, body) values ('a', '')");
        enqueue(List.of(Draft.of(A, "last")));
        takeAll(store);
        assertThat(bodies(all(store, A)))
                .containsExactlyElementsOf(IntStream.range(0, 21)
                        .filter(i -> i % 8 != 3)
                        .mapToObj(i -> i == 20 ? "last" : "m" + i)
                        .toList());
        assertThat(rejected())
                .containsExactly(
                        "poison refused", "poison refused", "poison refused", "by hand invalid_room", " invalid_body");
        assertThat(count("confab_outbox")).isZero();
    }

    @Test
    void rejectedRowsAreBounded() throws SQLException {
        execute("insert into confab_outbox_rejected (seq, room, body, reason) "
                + (isPostgres()
                        ? "select -x, 'a', 'old', 'refused' from generate_series(1, 10000) x"
                        : "select -x, 'a', 'old', 'refused' from system_range(1, 10000)"));
        execute("insert into confab_outbox (room, body) values ('no room!', 'new')");
        takeAll(store);
        assertThat(count("confab_outbox_rejected")).isEqualTo(10_000);
        assertThat(rejected()).last().isEqualTo("new invalid_room");
    }

    @Test
    void onlyValidMessagesAreEnqueued() throws SQLException {
        try (Connection application = begin()) {
            assertThatThrownBy(() -> OUTBOX.enqueue(application, Draft.join(A, ANN)))
                    .hasMessage("type: JOIN (expected: MESSAGE)");
        }
        // A body that another program inserts is refused by the database if it is too long.
        assertThatThrownBy(() -> execute("insert into confab_outbox (room, body) values ('a', repeat('x', 10001))"))
                .isInstanceOf(SQLException.class);
        String widest = "\uD83D\uDE00".repeat(2_500);
        enqueue(List.of(
                Draft.of(new Room("r".repeat(64)), new Nick("\uD83D\uDE00".repeat(64)), widest, "k".repeat(64))));
        takeAll(store);
        assertThat(bodies(all(store, new Room("r".repeat(64))))).containsExactly(widest);
    }

    @ParameterizedTest
    @EnumSource
    void rowsAreReleasedOnceWhenTheConnectionIsLostInTheCommit(Fault fault) throws SQLException {
        FaultyDataSource faulty = new FaultyDataSource(database);
        MessageStore node = JdbiMessageStore.open(faulty.asDataSource());
        enqueue(List.of(Draft.of(A, "1"), Draft.of(A, "2")));
        faulty.failCommits(fault);
        assertTakenOnce(node);
    }

    @ParameterizedTest
    @ValueSource(strings = {"select seq", "insert into confab_message", "delete from confab_outbox"})
    void rowsAreReleasedOnceWhenTheConnectionIsLostBefore(String statement) throws SQLException {
        FaultyDataSource faulty = new FaultyDataSource(database);
        MessageStore node = JdbiMessageStore.open(faulty.asDataSource());
        enqueue(List.of(Draft.of(A, "1"), Draft.of(A, "2")));
        faulty.loseAtStatement(statement);
        assertThat(catchThrowableOfType(StoreException.class, node::takeOutbox).kind())
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(all(store, A)).isEmpty();
        assertTakenOnce(node);
    }

    /**
     * The node that sent the commit never learns its outcome. Another node, or the same node after a restart, goes on.
     */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"LOST_AFTER_COMMIT", "LOST_BEFORE_COMMIT"})
    void rowsAreReleasedOnceWhenTheOutcomeStaysUnknown(Fault fault) throws SQLException {
        FaultyDataSource faulty = new FaultyDataSource(database);
        MessageStore node = JdbiMessageStore.open(
                faulty.asDataSource(), JdbiStoreConfig.defaults().withOutcomeDeadline(Duration.ofMillis(100)));
        enqueue(List.of(Draft.of(A, "1"), Draft.of(A, "2")));
        faulty.failCommits(fault);
        faulty.afterFault(() -> faulty.setDown(true));
        assertThat(catchThrowableOfType(StoreException.class, node::takeOutbox).kind())
                .isEqualTo(StoreException.Kind.OUTCOME_UNKNOWN);
        assertTakenOnce(store);
    }

    @Test
    void subscribersReceiveTheMessagesOfTheOutbox() throws SQLException {
        try (ChatService chat = new ChatService(store, ChatConfig.defaults());
                JdbiMessageStore otherStore = JdbiMessageStore.open(database);
                ChatService other = otherStore.isShared() ? new ChatService(otherStore, ChatConfig.defaults()) : null) {
            SubscriberRecorder here = subscribe(chat);
            SubscriberRecorder there = other == null ? here : subscribe(other);
            enqueue(List.of(Draft.of(A, "within a second"), Draft.of(A, "in order")));
            assertThat(here.awaitBodies(2)).containsExactly("within a second", "in order");
            if (there != here) {
                assertThat(there.awaitBodies(2)).containsExactly("within a second", "in order");
            }
            enqueue(List.of(Draft.of(A, "at once")));
            chat.pollOutbox();
            // A message that is published after the call comes after the messages of the outbox.
            chat.publish(Draft.of(A, "later")).join();
            assertThat(here.awaitBodies(2)).containsExactly("at once", "later");
            here.assertExhausted();
        }
    }

    @Test
    void rowsEnqueuedAfterAShutdownAreLeftForTheNextStart() throws SQLException {
        ChatService closed = new ChatService(store, ChatConfig.defaults());
        closed.close();
        closed.pollOutbox();
        enqueue(List.of(Draft.of(A, "meanwhile")));
        try (ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            SubscriberRecorder reader = new SubscriberRecorder();
            chat.subscribe(RoomSet.of(A), Start.EARLIEST, Runnable::run, reader).join();
            assertThat(reader.awaitBodies(1)).containsExactly("meanwhile");
        }
    }

    private void assertTakenOnce(MessageStore node) throws SQLException {
        try {
            node.takeOutbox();
        } catch (StoreException e) {
            assertThat(e.kind()).as("a rollback that was said").isEqualTo(StoreException.Kind.UNAVAILABLE);
        }
        takeAll(node);
        takeAll(store);
        assertThat(bodies(all(store, A))).containsExactly("1", "2");
        assertThat(count("confab_outbox")).isZero();
        assertThat(count("confab_outbox_rejected")).isZero();
    }

    private static SubscriberRecorder subscribe(ChatService chat) {
        SubscriberRecorder reader = new SubscriberRecorder();
        chat.subscribe(RoomSet.of(A), Start.LATEST, Runnable::run, reader).join();
        return reader;
    }

    /** Releases all messages of the outbox, and returns the number of rows of each page. */
    private static List<Integer> takeAll(MessageStore node) {
        List<Integer> pages = new ArrayList<>();
        for (Appended page = node.takeOutbox(); page != null; page = node.takeOutbox()) {
            pages.add(page.outcomes().size());
        }
        return pages;
    }

    /** Enqueues the drafts in one transaction. */
    private void enqueue(List<Draft> drafts) throws SQLException {
        try (Connection application = begin()) {
            for (Draft draft : drafts) {
                OUTBOX.enqueue(application, draft);
            }
            application.commit();
        }
    }

    private Connection begin() throws SQLException {
        Connection connection = database.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private boolean isPostgres() {
        return store.isShared();
    }

    private List<String> rejected() throws SQLException {
        List<String> rows = new ArrayList<>();
        query(
                "select body, reason from confab_outbox_rejected order by seq",
                row -> rows.add(row.getString(1) + " " + row.getString(2)));
        return rows;
    }

    private int count(String table) throws SQLException {
        int[] count = new int[1];
        query("select count(*) from " + table, row -> count[0] = row.getInt(1));
        return count[0];
    }

    private void query(String sql, RowReader reader) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }
}
