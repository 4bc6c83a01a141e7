package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Retention;
import dev.confab.core.RoomSet;
import dev.confab.core.StoreCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records the writes and syncs of H2 and opens states that a power loss may leave. H2 has no checksum over a chunk, so
 * a unit that is missing in the middle of a chunk may go unnoticed; the default run leaves these states out. {@code
 * -Dpower.points=1000} tries more moments, {@code -Dpower.middle=true} counts the states with a missing middle that
 * lose a message.
 */
@Timeout(110)
class H2PowerLossTest {
    private static final int POINTS = Integer.getInteger("power.points", 12);
    private static final int APPENDS = 60;

    /** The number of writes and syncs of an opening or a closing. */
    private static final int EDGE = 6;

    private final long seed = Long.getLong("power.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private int secondRun;

    @TempDir
    private Path recorded;

    @TempDir
    private Path lost;

    @Test
    void acknowledgedMessagesSurviveAPowerLoss() throws IOException, SQLException {
        record(this::appends);
        checkStates();
    }

    /**
     * An application changes its own tables without a sync, H2's background thread writes often, and retention removes
     * messages.
     */
    @Test
    void acknowledgedMessagesSurviveAPowerLossBetweenOtherWrites() throws IOException, SQLException {
        record(this::appendsBetweenOtherWrites);
        checkStates();
    }

    private interface Work {
        void run(HikariDataSource pool, MessageStore store) throws SQLException;
    }

    /** Records two runs with their openings and closings. In the second one, the pool is closed before the store. */
    private void record(Work work) throws SQLException {
        RecordedFiles.start();
        String path = RecordedFiles.SCHEME + ":" + recorded.resolve("chat");
        H2File.recover(Path.of(path + ".mv.db"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:" + path + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0");
        config.setMaximumPoolSize(4);
        try (HikariDataSource pool = new HikariDataSource(config);
                MessageStore store = JdbiMessageStore.open(pool)) {
            work.run(pool, store);
        }
        secondRun = RecordedFiles.events().size();
        HikariDataSource pool = new HikariDataSource(config);
        try (MessageStore store = JdbiMessageStore.open(pool)) {
            appends(pool, store);
            pool.close();
        }
    }

    private void appends(HikariDataSource pool, MessageStore store) {
        for (int i = 0; i < APPENDS; i++) {
            append(store, i);
        }
    }

    private void appendsBetweenOtherWrites(HikariDataSource pool, MessageStore store) throws SQLException {
        execute(pool, "create table app (id int primary key, text varchar)");
        execute(pool, "set write_delay 10");
        for (int i = 0; i < 300; i++) {
            execute(pool, "insert into app values (" + i + ", '" + "y".repeat(200) + "')");
        }
        for (int i = 0; i < APPENDS; i++) {
            append(store, i);
            for (int j = 0; i % 7 == 3 && j < 6; j++) {
                execute(pool, "update app set text = '" + i + "' where id = " + random.nextInt(300));
                // The background thread writes meanwhile.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(13));
            }
            if (i % 20 == 19) {
                store.trim(new Retention(null, 30));
            }
        }
    }

    private void append(MessageStore store, int i) {
        String text = Character.toString('a' + i % 26).repeat(random.nextInt(10) == 0 ? 3_000 : 100);
        RecordedFiles.acknowledged(StoreCalls.publish(store, StoreCalls.A, i + text));
    }

    private static void execute(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void checkStates() throws IOException {
        List<RecordedFiles.Event> events = RecordedFiles.events();
        int first = IntStream.range(0, events.size())
                .filter(i -> events.get(i) instanceof RecordedFiles.Acknowledgement)
                .findFirst()
                .orElseThrow();
        boolean middle = Boolean.getBoolean("power.middle");
        Set<PowerLoss.Tear> tears =
                middle ? EnumSet.of(PowerLoss.Tear.MIDDLE) : EnumSet.complementOf(EnumSet.of(PowerLoss.Tear.MIDDLE));
        PowerLoss loss = new PowerLoss(events, random, tears);
        int tried = 0;
        int failed = 0;
        for (int point : points(first, events.size())) {
            for (PowerLoss.State state : loss.states(point)) {
                String failure = failure(state);
                tried++;
                failed += failure == null ? 0 : 1;
                if (!middle) {
                    assertThat(failure)
                            .as(state.name() + ", power.seed " + seed)
                            .isNull();
                }
            }
        }
        System.out.println("States after a power loss: " + tried + ", lost a message: " + failed);
    }

    /** Returns random moments after {@code first}, and the moments at which H2 opens and closes the database. */
    private int[] points(int first, int end) {
        IntStream some = random.ints(first, end).distinct().limit(Math.min(POINTS, end - first));
        IntStream edges =
                IntStream.concat(IntStream.range(secondRun - EDGE, secondRun + EDGE), IntStream.range(end - EDGE, end));
        return IntStream.concat(edges, some).distinct().toArray();
    }

    /** Returns null if the state has all acknowledged messages and accepts another message. */
    private String failure(PowerLoss.State state) throws IOException {
        Files.write(lost.resolve("chat.mv.db"), state.file());
        JdbcDataSource database = new JdbcDataSource();
        try {
            database.setUrl(H2File.recover(H2Database.urlOf(lost)));
            try (Connection connection = database.getConnection();
                    MessageStore store = JdbiMessageStore.open(database)) {
                try {
                    String missing = missing(state, store);
                    StoreCalls.publish(store, StoreCalls.A, "afterwards");
                    // Reads every table, also the one of the application.
                    connection.createStatement().execute("script");
                    return missing;
                } finally {
                    // The next state replaces the file, so the database is closed without tidying up.
                    connection.createStatement().execute("shutdown immediately");
                }
            }
        } catch (SQLException | RuntimeException e) {
            return e.toString();
        }
    }

    private static String missing(PowerLoss.State state, MessageStore store) {
        Map<MessageId, String> found =
                StoreCalls.all(store, StoreCalls.A).stream().collect(Collectors.toMap(Message::id, Message::body));
        MessageId trimmed = store.trimmedThrough(RoomSet.of(StoreCalls.A));
        List<Message> missing = state.acknowledged().stream()
                .filter(message -> message.id().isAfter(trimmed))
                .filter(message -> !message.body().equals(found.get(message.id())))
                .toList();
        return missing.isEmpty()
                ? null
                : missing.size() + " of " + state.acknowledged().size() + " acknowledged messages are missing";
    }
}
