package dev.confab.demo;

import dev.confab.netty.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The demo in a JVM of its own, which may be killed. For one thread. */
public final class ServerProcess implements AutoCloseable {
    private static final String LISTENING = "Listening on http://127.0.0.1:";

    private final Process process;
    private final BufferedReader out;
    private final StringBuffer errText = new StringBuffer();
    private final CompletableFuture<String> err;

    /** @param options as on the command line */
    public ServerProcess(Map<String, String> environment, String... options) {
        this(Path.of(""), List.of(), List.of(), Main.class, environment, options);
    }

    /** @param javaOptions as for the command {@code java} */
    ServerProcess(Map<String, String> environment, List<String> javaOptions, String... options) {
        this(Path.of(""), List.of(), javaOptions, Main.class, environment, options);
    }

    /**
     * @param launcher a command that starts the one after it
     * @param main in place of the demo's own
     */
    ServerProcess(List<String> launcher, Class<?> main, Map<String, String> environment, String... options) {
        this(Path.of(""), launcher, List.of(), main, environment, options);
    }

    private ServerProcess(
            Path directory,
            List<String> launcher,
            List<String> javaOptions,
            Class<?> main,
            Map<String, String> environment,
            String... options) {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                // A server lives for seconds here: its start is most of what it costs.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(options));
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toAbsolutePath().toFile());
            builder.environment().remove("DATABASE_URL");
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out = process.inputReader(StandardCharsets.UTF_8);
        err = CompletableFuture.supplyAsync(
                () -> {
                    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
                        lines.lines().forEach(this::addErrLine);
                    } catch (IOException | UncheckedIOException e) {
                        addErrLine(e.toString());
                    }
                    return errText.toString();
                },
                ServerProcess::start);
    }

    /** Not in the common pool: two processes would take all its threads. */
    private static void start(Runnable task) {
        Thread thread = new Thread(task, "server-process");
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts in a directory. */
    static ServerProcess in(Path directory, Map<String, String> environment, String... options) {
        return new ServerProcess(directory, List.of(), List.of(), Main.class, environment, options);
    }

    /** Serves on a free port, from a database in a file. */
    static ServerProcess on(Path directory) {
        return on(directory, 0);
    }

    /** @param port 0 for a free one */
    static ServerProcess on(Path directory, int port) {
        return new ServerProcess(
                Map.of(), "serve", "--port", "" + port, "--database-url", "jdbc:h2:file:" + directory.resolve("chat"));
    }

    /** Waits for the line that says where it listens. */
    public int port() {
        String line = line();
        if (line == null || !line.startsWith(LISTENING)) {
            throw new AssertionError("Not listening: " + line + "\n" + err());
        }
        return Integer.parseInt(line.substring(LISTENING.length()));
    }

    /** The next line of its output, or null at the end. */
    String line() {
        try {
            return CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return out.readLine();
                                } catch (IOException e) {
                                    return null;
                                }
                            },
                            ServerProcess::start)
                    .get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("No line came", e);
        }
    }

    /** All that it said on its error stream, once it has ended. */
    public String err() {
        // Of a process that has ended, this would close the streams, with what is still in them.
        if (process.isAlive()) {
            process.destroyForcibly();
        }
        return err.join();
    }

    private void addErrLine(String line) {
        synchronized (errText) {
            errText.append(line).append('\n');
            errText.notifyAll();
        }
    }

    /** Waits until its error stream has {@code part}. */
    void awaitErr(String part) throws InterruptedException {
        long end = System.nanoTime() + RawHttp.PATIENCE.toNanos() * 2;
        synchronized (errText) {
            while (errText.indexOf(part) < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("Did not come: " + part + "\n" + errText);
                }
                errText.wait(left);
            }
        }
    }

    /** SIGTERM. The process itself would close its streams, and what is printed during the drain would be lost. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL: it gets no chance to do anything about it. */
    public void kill() {
        process.destroyForcibly();
        status();
    }

    /** SIGSTOP: it does nothing more, and its connections stay open. */
    public void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("no signal was sent", e);
        }
    }

    /** Waits for its end. */
    int status() {
        try {
            if (!process.waitFor(RawHttp.PATIENCE.toSeconds() * 2, TimeUnit.SECONDS)) {
                throw new AssertionError("It goes on");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
