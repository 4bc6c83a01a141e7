package dev.confab.demo.faults;

import dev.confab.demo.ServerProcess;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A node in a JVM of its own, with a network of its own to the database and another one to its notifications. For one thread, but
 * for {@link #port}.
 */
final class NodeProcess implements AutoCloseable {
    private final String name;
    private final List<String> options;
    private final FaultyProxy database;
    private final FaultyProxy notifications;
    private ServerProcess process;
    private volatile int port;

    /**
     * @param notifies whether the nodes tell one another
     * @param more options of its command line
     */
    NodeProcess(String name, int databasePort, boolean notifies, String... more) {
        this.name = name;
        this.database = new FaultyProxy(databasePort);
        this.notifications = new FaultyProxy(databasePort);
        List<String> log = List.of("serve", "--port", "0", "--database-url", url(database));
        List<String> news = notifies ? List.of("--notify-url", url(notifications)) : List.of("--no-notify");
        this.options = Stream.of(log, news, List.of(more)).flatMap(List::stream).toList();
        start();
    }

    private String url(FaultyProxy proxy) {
        return "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/postgres?user=postgres&ApplicationName=" + name;
    }

    /** What its connections to the database are called. */
    String name() {
        return name;
    }

    /** Where it listens now; after a kill somewhere else. */
    int port() {
        return port;
    }

    FaultyProxy database() {
        return database;
    }

    FaultyProxy notifications() {
        return notifications;
    }

    /** kill -9, and a new one. */
    void restart() {
        kill();
        start();
    }

    /** kill -9; {@link #start} is to follow. */
    void kill() {
        process.kill();
    }

    /** SIGSTOP. */
    void freeze() {
        process.freeze();
    }

    /** SIGCONT. */
    void thaw() {
        process.thaw();
    }

    /** Ends it; returns what it said on its error stream since its last start. */
    String end() {
        return process.err();
    }

    @Override
    public void close() {
        process.close();
        database.close();
        notifications.close();
    }

    /** Starts it, also after a {@link #kill}. */
    void start() {
        process = new ServerProcess(Map.of(), options.toArray(String[]::new));
        port = process.port();
    }
}
