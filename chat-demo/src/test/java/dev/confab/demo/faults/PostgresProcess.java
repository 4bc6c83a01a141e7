package dev.confab.demo.faults;

import dev.confab.core.MessageId;
import dev.confab.demo.faults.History.Entry;
import dev.confab.demo.faults.PresenceChecker.Move;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A PostgreSQL server that can crash or be frozen, with the durability settings of production. The port and the
 * directory stay the same. Confined to one thread.
 */
final class PostgresProcess implements AutoCloseable {
    private final Path directory;
    private final int port;
    private EmbeddedPostgres server;
    private boolean frozen;

    /** @param directory an empty directory */
    PostgresProcess(Path directory) {
        this.directory = directory;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = start();
    }

    int port() {
        return port;
    }

    /** Shuts the server down immediately, without a checkpoint, and starts it again. */
    void crash() {
        try {
            ProcessHandle postmaster = postmaster();
            signal("QUIT", Stream.of(postmaster));
            postmaster.onExit().get(60, TimeUnit.SECONDS);
            // Releases the lock of the server that has ended.
            server.close();
        } catch (Exception e) {
            throw new AssertionError("PostgreSQL was not ended", e);
        }
        server = start();
    }

    /** Sends SIGSTOP to all processes of the server. Its connections stay open. */
    void freeze() {
        ProcessHandle postmaster = postmaster();
        // The postmaster is stopped first, so that it starts no more processes. The loop finds those just started.
        signal("STOP", Stream.of(postmaster));
        Set<ProcessHandle> stopped = Set.of();
        for (Set<ProcessHandle> all = descendants(postmaster);
                !stopped.containsAll(all);
                all = descendants(postmaster)) {
            signal("STOP", all.stream());
            stopped = all;
        }
        frozen = true;
    }

    /** Sends SIGCONT to all processes of the server. Does nothing when the server is not frozen. */
    void thaw() {
        if (frozen) {
            ProcessHandle postmaster = postmaster();
            signal("CONT", Stream.concat(postmaster.descendants(), Stream.of(postmaster)));
            frozen = false;
        }
    }

    private ProcessHandle postmaster() {
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(directory.resolve("postmaster.pid")).get(0));
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<ProcessHandle> descendants(ProcessHandle process) {
        return process.descendants().collect(Collectors.toSet());
    }

    /** Sends a signal. Ignores processes that have ended in the meantime. */
    private static void signal(String name, Stream<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        try {
            new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("no signal was sent", e);
        }
    }

    /**
     * Enables {@link #jump}. To be called before nodes connect.
     *
     * <p>The nodes call {@code clock_timestamp()} without a schema, so a function of the same name that comes earlier
     * in the search path replaces it. The machine's clock stays unchanged: a test lacks the rights to set it, and a
     * library that is loaded before the server's libraries would also change the server's timeouts.
     *
     * <p>The offset of the clock is in a table, because all sessions see a change of the table at once and the table
     * survives a crash. The schema is not the first in the search path, because tables are created in the first schema.
     */
    void allowJumps() {
        execute("create schema jump");
        execute("create table jump.clock (ahead interval not null)");
        execute("insert into jump.clock values ('0')");
        execute("create function jump.clock_timestamp() returns timestamptz language sql volatile as"
                + " 'select pg_catalog.clock_timestamp() + ahead from jump.clock'");
        execute("alter database postgres set search_path = public, jump, pg_catalog");
    }

    /**
     * Sets the offset of the nodes' clock.
     *
     * @param ahead how far the clock is ahead of the machine's clock; negative when it is behind
     */
    void jump(Duration ahead) {
        execute("update jump.clock set ahead = make_interval(secs => " + ahead.toSeconds() + ")");
    }

    /** Creates the table of {@link Application}. */
    void prepareApplications() {
        execute("create table application_row (body varchar primary key)");
    }

    /** Returns the rows that the applications wrote. */
    Set<String> applicationRows() {
        Set<String> rows = new HashSet<>();
        query("select body from application_row", row -> rows.add(row.getString(1)));
        return rows;
    }

    /** Returns the number of rows that are still in the outbox. */
    int outboxRows() {
        return count("select count(*) from confab_outbox");
    }

    /** Returns the number of outbox rows that could not be published. */
    int rejectedRows() {
        return count("select count(*) from confab_outbox_rejected");
    }

    /** Returns the joins and leaves of a room, in the log's order. */
    List<Move> moves(String room) {
        List<Move> moves = new ArrayList<>();
        query(
                "select nick, type from confab_message where type <> 'message' and room = '" + room + "' order by id",
                row -> moves.add(new Move(row.getString(1), row.getString(2).equals("join"))));
        return moves;
    }

    /** Takes the append lock, which is held until the connection is closed. */
    static void lockAppends(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select origin from confab_log_head where id = 1 for update");
        }
    }

    /** Returns whether a connection of this application name is in an append and waits for the next statement. */
    boolean holdsAppends(String applicationName) {
        String sql = "select count(*) from pg_stat_activity a join pg_locks l on l.pid = a.pid"
                + " where a.application_name = '" + applicationName + "' and a.state = 'idle in transaction'"
                + " and l.relation = 'confab_log_head'::regclass and l.mode = 'RowShareLock' and l.granted";
        return count(sql) > 0;
    }

    /** Returns the newest id of the log. */
    String newest() {
        List<String> ids = new ArrayList<>();
        query(
                "select id from confab_message order by id desc limit 1",
                row -> ids.add(MessageId.of(row.getObject(1, UUID.class)).toString()));
        return ids.get(0);
    }

    /** Reads all messages of the log from the database, independently of the nodes' memory. */
    List<Entry> log() {
        List<Entry> log = new ArrayList<>();
        query(
                "select id, body from confab_message where type = 'message' order by id",
                row -> log.add(
                        new Entry(MessageId.of(row.getObject(1, UUID.class)).toString(), row.getString(2))));
        return log;
    }

    @Override
    public void close() {
        thaw();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private int count(String sql) {
        int[] count = new int[1];
        query(sql, row -> count[0] = row.getInt(1));
        return count[0];
    }

    private void query(String sql, RowReader reader) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                reader.read(rows);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    /** Opens a new connection that does not pass through any of the faulty networks. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
    }

    private EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("max_connections", "100")
                    .setLocaleConfig("encoding", "UTF8")
                    .setDataDirectory(directory)
                    .setCleanDataDirectory(false)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setPort(port)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
