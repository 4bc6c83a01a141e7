package dev.confab.demo.faults;

import dev.confab.demo.ServerProcess;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A node in its own JVM. The node has its own network to the database, and a second network to the database's
 * notifications. Confined to one thread, except for {@link #port}.
 */
final class NodeProcess implements AutoCloseable {
    private final String name;
    private final List<String> options;
    private final FaultyProxy database;
    private final FaultyProxy notifications;
    private ServerProcess process;
    private volatile int port;

    /**
     * @param notifies whether the nodes notify one another
     * @param more further command line options
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

    /** Returns the node's name, which is also the application name of its database connections. */
    String name() {
        return name;
    }

    /** Returns the port on which the node listens. The port changes with each start. */
    int port() {
        return port;
    }

    FaultyProxy database() {
        return database;
    }

    FaultyProxy notifications() {
        return notifications;
    }

    /** Ends the node with {@code kill -9} and starts a new process. */
    void restart() {
        kill();
        start();
    }

    /** Ends the node with {@code kill -9}. {@link #start} is to be called next. */
    void kill() {
        process.kill();
    }

    /** Sends SIGSTOP. */
    void freeze() {
        process.freeze();
    }

    /** Sends SIGCONT. */
    void thaw() {
        process.thaw();
    }

    /** Ends the node. Returns the contents of its error stream since its last start. */
    String end() {
        return process.err();
    }

    @Override
    public void close() {
        process.close();
        database.close();
        notifications.close();
    }

    /** Starts the node, also after a {@link #kill}. */
    void start() {
        process = new ServerProcess(Map.of(), options.toArray(String[]::new));
        port = process.port();
    }
}
