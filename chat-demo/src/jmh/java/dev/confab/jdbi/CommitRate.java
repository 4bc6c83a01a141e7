package dev.confab.jdbi;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * How many messages a second are acknowledged, and in how many commits: so many publishers, each of which publishes its next
 * message when the last one is acknowledged, on H2 and on PostgreSQL, both synced to disk, with one node and with three.
 *
 * <p>Arguments: seconds for each line (3 by default).
 */
public final class CommitRate {
    private static final int[] PUBLISHERS = {1, 8, 64, 256};
    private static final String TEXT = "x".repeat(100);
    private static final double WARM_UP = 0.5;

    private CommitRate() {}

    public static void main(String[] args) throws Exception {
        double seconds = args.length == 0 ? 3 : Double.parseDouble(args[0]);
        System.out.printf(
                Locale.ROOT,
                "%n%-12s %5s %10s %14s %12s %12s%n",
                "store",
                "nodes",
                "publishers",
                "acknowledged/s",
                "commits/s",
                "commits/msg");
        for (int publishers : PUBLISHERS) {
            Path directory = Files.createTempDirectory("confab-commits");
            run("H2", 1, publishers, seconds, "jdbc:h2:file:" + directory.resolve("chat") + ";DB_CLOSE_ON_EXIT=FALSE");
            try (Stream<Path> files = Files.walk(directory)) {
                files.map(Path::toFile).sorted(Comparator.reverseOrder()).forEach(File::delete);
            }
        }
        for (int nodes : new int[] {1, 3}) {
            for (int publishers : PUBLISHERS) {
                run("PostgreSQL", nodes, publishers, seconds, PostgresServer.newSchema());
            }
        }
    }

    private static void run(String name, int count, int publishers, double seconds, String url) throws Exception {
        AtomicLong commits = new AtomicLong();
        AtomicLong acknowledged = new AtomicLong();
        AtomicBoolean ends = new AtomicBoolean();
        List<Node> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                nodes.add(Node.open(url, commits));
            }
            for (int i = 0; i < publishers; i++) {
                publish(nodes.get(i % count).chat(), acknowledged, ends);
            }
            sleep(WARM_UP);
            long commitsBefore = commits.get();
            long before = acknowledged.get();
            long start = System.nanoTime();
            sleep(seconds);
            double time = (System.nanoTime() - start) / 1e9;
            long messages = acknowledged.get() - before;
            long made = commits.get() - commitsBefore;
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %5d %10d %,14.0f %,12.0f %12.3f%n",
                    name,
                    count,
                    publishers,
                    messages / time,
                    made / time,
                    (double) made / messages);
        } finally {
            ends.set(true);
            for (Node node : nodes) {
                node.close();
            }
        }
    }

    private static void publish(ChatService chat, AtomicLong acknowledged, AtomicBoolean ends) {
        chat.publish(Draft.of(Room.LOBBY, TEXT)).whenComplete((published, failure) -> {
            if (failure != null && !ends.get()) {
                failure.printStackTrace();
            } else if (!ends.get()) {
                acknowledged.incrementAndGet();
                publish(chat, acknowledged, ends);
            }
        });
    }

    private static void sleep(double seconds) throws InterruptedException {
        TimeUnit.MICROSECONDS.sleep((long) (seconds * 1e6));
    }

    private record Node(ChatService chat, MessageStore store, HikariDataSource pool)
            implements AutoCloseable {
        static Node open(String url, AtomicLong commits) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(url.startsWith("jdbc:h2:") ? H2File.recover(url) : url);
            config.setMaximumPoolSize(8);
            HikariDataSource pool = new HikariDataSource(config);
            Notifier notifier = url.startsWith("jdbc:h2:") ? null : notifier(url);
            MessageStore store =
                    counting(JdbiMessageStore.open(pool, JdbiStoreConfig.defaults(), notifier), commits);
            return new Node(new ChatService(store, ChatConfig.defaults()), store, pool);
        }

        private static Notifier notifier(String url) {
            return new Notifier(PostgresServer.unpooled(url), (connection, timeout) -> {
                PGNotification[] news =
                        connection.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
                return news == null
                        ? List.of()
                        : Arrays.stream(news).map(PGNotification::getParameter).toList();
            });
        }

        /** Each append is one transaction. */
        private static MessageStore counting(MessageStore store, AtomicLong commits) {
            return (MessageStore) Proxy.newProxyInstance(
                    MessageStore.class.getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                        if (method.getName().equals("append")) {
                            commits.incrementAndGet();
                        }
                        try {
                            return method.invoke(store, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public void close() throws Exception {
            chat.close();
            store.close();
            pool.close();
        }
    }
}
