package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Entry;
import dev.confab.core.Limit;
import dev.confab.core.ManualTimer;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Published;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Signal;
import dev.confab.core.Start;
import dev.confab.core.SubscriberRecorder;
import dev.confab.core.Subscription;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/** Tests several nodes on one PostgreSQL database, with and without notifications. */
@Timeout(120)
class PostgresNodesTest {
    private static final Room A = new Room("a");
    private static final RoomSet ROOMS = RoomSet.of(A);

    private final String url = PostgresServer.newSchema();
    private final List<Node> nodes = new ArrayList<>();
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        nodes.forEach(Node::close);
        loop.shutdown();
    }

    /** No timer runs in these nodes, so only a notification makes them read the entries of other nodes. */
    @Test
    void aNotificationDeliversTheEntriesOfOtherNodes() {
        Node node = new Node("", true);
        Node other = new Node("", true);
        SubscriberRecorder here = node.reader(Start.LATEST);
        SubscriberRecorder there = other.reader(Start.LATEST);
        for (int i = 0; i < 20; i++) {
            (i % 2 == 0 ? node : other).publish("" + i).join();
            assertThat(here.awaitBodies(1)).containsExactly("" + i);
            assertThat(there.awaitBodies(1)).containsExactly("" + i);
        }
        here.assertExhausted();
        there.assertExhausted();
    }

    @Test
    void lostConnectionsAreReplacedAndNothingIsMissed() throws SQLException {
        String name = "lost" + System.nanoTime();
        Node node = new Node(name, true);
        Node other = new Node("", true);
        SubscriberRecorder reader = node.reader(Start.LATEST);
        other.publish("before").join();
        assertThat(reader.awaitBodies(1)).containsExactly("before");
        for (int round = 0; round < 3; round++) {
            try (Connection connection = PostgresServer.unpooled(url).getConnection();
                    Statement statement = connection.createStatement()) {
                PostgresServer.terminate(statement, "application_name = '" + name + "'");
            }
            other.publish("meanwhile " + round).join();
            assertThat(reader.awaitBodies(1)).containsExactly("meanwhile " + round);
        }
        SubscriberRecorder there = other.reader(Start.LATEST);
        node.publish("after").join();
        assertThat(reader.awaitBodies(1)).containsExactly("after");
        assertThat(there.awaitBodies(1)).containsExactly("after");
        reader.assertExhausted();
    }

    @Test
    void aSignalReachesTheOtherNodesOfItsLogOnceAndNoOtherLog() throws Exception {
        Node node = new Node("", true);
        Node other = new Node("", true);
        SubscriberRecorder reader = other.reader(Start.LATEST);
        BlockingQueue<Signal> here = new LinkedBlockingQueue<>();
        BlockingQueue<Signal> there = new LinkedBlockingQueue<>();
        node.chat.addSignalListener(here::add);
        other.chat.addSignalListener(there::add);
        // Once this is delivered, the other node listens.
        node.publish("before").join();
        assertThat(reader.awaitBodies(1)).containsExactly("before");
        Signal typing = new Signal(A, "typing", "x", new Nick("ann"), null);
        node.chat.signal(typing);
        assertThat(here.poll(10, TimeUnit.SECONDS)).isEqualTo(typing);
        assertThat(there.poll(10, TimeUnit.SECONDS)).isEqualTo(typing);

        String foreign = PostgresServer.newSchema();
        try (HikariDataSource database = PostgresServer.pool(foreign);
                MessageStore store = open(database, PostgresServer.unpooled(foreign));
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            for (int i = 0; i < 100; i++) {
                chat.signal(new Signal(A, "foreign", "" + i, null, null));
            }
            Signal last = new Signal(A, "last", "", null, null);
            node.chat.signal(last);
            assertThat(here.poll(10, TimeUnit.SECONDS)).isEqualTo(last);
            assertThat(there.poll(10, TimeUnit.SECONDS)).isEqualTo(last);
        }
        assertThat(here).isEmpty();
        assertThat(there).isEmpty();
    }

    @Test
    void otherPayloadsAlsoTriggerARead() {
        Node node = new Node("", true);
        Node other = new Node("", false);
        SubscriberRecorder reader = node.reader(Start.LATEST);
        other.publish("unannounced").join();
        PostgresServer.execute(url, "notify confab, 'something else'");
        assertThat(reader.awaitBodies(1)).containsExactly("unannounced");
    }

    /** Closing the notifier ends it while both connections are waiting, and also when they cannot be opened. */
    @Test
    void closingEndsTheNotifier() {
        for (String address : List.of(url, url.replaceAll("localhost:\\d+", "localhost:1"))) {
            try (HikariDataSource database = PostgresServer.pool(url);
                    MessageStore store = open(database, PostgresServer.unpooled(address));
                    ChatService chat = new ChatService(store, ChatConfig.defaults())) {
                chat.publish(Draft.of(A, "works without")).join();
            }
        }
    }

    @Test
    void withoutNotificationsEntriesAreFoundByPolling() {
        try (HikariDataSource database = PostgresServer.pool(url);
                MessageStore store = JdbiMessageStore.open(database);
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            SubscriberRecorder reader = new SubscriberRecorder();
            chat.subscribe(ROOMS, Start.LATEST, loop, reader).join();
            new Node("", false).publish("theirs").join();
            assertThat(reader.awaitBodies(1)).containsExactly("theirs");
        }
    }

    @Test
    void aCursorAheadOfANodeWorks() {
        Node behind = new Node("", false);
        Node ahead = new Node("", false);
        MessageId cursor = IntStream.range(0, 5)
                .mapToObj(i -> ahead.publish("" + i).join().entry().id())
                .toList()
                .get(2);
        SubscriberRecorder reader = behind.reader(Start.after(cursor));
        assertThat(reader.awaitBodies(2)).containsExactly("3", "4");
        reader.assertExhausted();
    }

    /** Both nodes have writers and readers. Some readers move between the nodes at any position in the log. */
    @Test
    void allReadersOfAllNodesGetTheSameOrder() throws Exception {
        int messages = 600;
        Node node = new Node("", true);
        Node other = new Node("", true);
        MessageId start = node.chat.head();
        List<SubscriberRecorder> staying = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            staying.add(node.reader(Start.after(start)));
            staying.add(other.reader(Start.after(start)));
        }
        List<Future<List<MessageId>>> moving = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        for (int i = 0; i < 3; i++) {
            Random random = new Random(i);
            moving.add(threads.submit(() -> move(List.of(node, other), start, messages, random)));
        }
        List<CompletableFuture<Published>> published = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            published.add((i % 2 == 0 ? node : other).publish("" + i));
            if (i % 20 == 19) {
                published.get(i).join();
            }
        }
        Set<MessageId> acknowledged = new HashSet<>();
        published.forEach(p -> acknowledged.add(p.join().entry().id()));
        assertThat(acknowledged).hasSize(messages);
        List<MessageId> order = acknowledged.stream().sorted().toList();

        assertThat(node.store.readLog(start, new Limit(messages + 1, 1 << 30)))
                .extracting(Message::id)
                .isEqualTo(order);
        for (SubscriberRecorder reader : staying) {
            assertThat(reader.awaitEntries(messages)).extracting(Entry::id).isEqualTo(order);
            reader.assertExhausted();
        }
        for (Future<List<MessageId>> reader : moving) {
            assertThat(reader.get()).isEqualTo(order);
        }
        threads.shutdown();
    }

    private List<MessageId> move(List<Node> between, MessageId start, int messages, Random random) {
        List<MessageId> seen = new ArrayList<>();
        MessageId cursor = start;
        while (seen.size() < messages) {
            Node node = between.get(random.nextInt(between.size()));
            SubscriberRecorder reader = new SubscriberRecorder(cursor);
            Subscription subscription = node.chat
                    .subscribe(ROOMS, Start.after(cursor), Runnable::run, reader)
                    .join();
            int some = Math.min(messages - seen.size(), 1 + random.nextInt(60));
            for (Entry entry : reader.awaitEntries(some)) {
                seen.add(entry.id());
            }
            // The next reader continues after the last entry taken here, and reads any further entries again.
            cursor = seen.get(seen.size() - 1);
            subscription.close();
        }
        return seen;
    }

    private static List<String> await(Connection connection, Duration timeout) throws SQLException {
        PGNotification[] news = connection.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
        return news == null
                ? List.of()
                : Arrays.stream(news).map(PGNotification::getParameter).toList();
    }

    private static MessageStore open(DataSource database, DataSource connections) {
        return JdbiMessageStore.open(
                database, JdbiStoreConfig.defaults(), new Notifier(connections, PostgresNodesTest::await));
    }

    /** A node in which regular tasks never run. */
    private final class Node {
        final HikariDataSource database = PostgresServer.pool(url);
        final MessageStore store;
        final ChatService chat;

        Node(String applicationName, boolean notifies) {
            PGSimpleDataSource connections = PostgresServer.unpooled(url);
            connections.setApplicationName(applicationName);
            store = notifies ? open(database, connections) : JdbiMessageStore.open(database);
            chat = new ManualTimer().start(store, ChatConfig.defaults());
            nodes.add(this);
        }

        SubscriberRecorder reader(Start start) {
            SubscriberRecorder reader = new SubscriberRecorder();
            chat.subscribe(ROOMS, start, loop, reader).join();
            return reader;
        }

        CompletableFuture<Published> publish(String body) {
            return chat.publish(Draft.of(A, body));
        }

        void close() {
            chat.close();
            store.close();
            database.close();
        }
    }
}
