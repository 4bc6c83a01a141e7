package dev.confab.jdbi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** PgBouncer in front of a database, with another server process for each transaction and no prepared statements. */
final class PgBouncer implements AutoCloseable {
    private final int port;
    private final Process process;

    private PgBouncer(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Returns the path of the installed PgBouncer, if there is one. */
    static Optional<Path> program() {
        return Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    static PgBouncer start(Path directory, String database) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path settings = directory.resolve("pgbouncer.ini");
        Files.writeString(settings, """
                [databases]
                chat = host=127.0.0.1 port=%d dbname=%s user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = 4
                ignore_startup_parameters = extra_float_digits
                """.formatted(PostgresServer.port(), database, port));
        ProcessBuilder command = new ProcessBuilder(program().orElseThrow().toString(), "-q", settings.toString());
        if (System.getProperty("user.name").equals("root")) {
            // PgBouncer refuses to run as root.
            directory.toFile().setExecutable(true, false);
            directory.toFile().setReadable(true, false);
            command.command(List.of(program().orElseThrow().toString(), "-q", "-u", "nobody", settings.toString()));
        }
        Process process = command.redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        PgBouncer started = new PgBouncer(port, process);
        while (!started.isListening()) {
            if (!process.isAlive()) {
                throw new IOException(Files.readString(directory.resolve("pgbouncer.log")));
            }
        }
        return started;
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/chat?user=postgres&reWriteBatchedInserts=true";
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
