package dev.confab.demo;

import dev.confab.netty.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The demo in its own JVM, which tests can kill. Not thread-safe. */
public final class ServerProcess implements AutoCloseable {
    private static final String LISTENING = "Listening on http://127.0.0.1:";

    private final Process process;
    private final BufferedReader out;
    private final StringBuffer errText = new StringBuffer();
    private final CompletableFuture<String> err;

    /** @param options the options of the command line */
    public ServerProcess(Map<String, String> environment, String... options) {
        this(Path.of(""), List.of(), List.of(), Main.class, environment, options);
    }

    /** @param javaOptions the options for the command {@code java} */
    ServerProcess(Map<String, String> environment, List<String> javaOptions, String... options) {
        this(Path.of(""), List.of(), javaOptions, Main.class, environment, options);
    }

    /**
     * @param launcher the start of a command line that runs the command after it
     * @param main the main class in place of the demo's
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
                // A server runs only for seconds here, so most of its cost is the start.
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

    /** Runs a task in its own thread: in the common pool, two processes could occupy all threads. */
    private static void start(Runnable task) {
        Thread thread = new Thread(task, "server-process");
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts the demo with this directory as its working directory. */
    static ServerProcess in(Path directory, Map<String, String> environment, String... options) {
        return new ServerProcess(directory, List.of(), List.of(), Main.class, environment, options);
    }

    /** Starts a server on a free port with a database file in this directory. */
    static ServerProcess on(Path directory) {
        return on(directory, 0);
    }

    /** @param port the port, or 0 for a free port */
    static ServerProcess on(Path directory, int port) {
        return new ServerProcess(
                Map.of(), "serve", "--port", "" + port, "--database-url", "jdbc:h2:file:" + directory.resolve("chat"));
    }

    /** Returns the processor time that the process has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Waits for the line with the address of the server, and returns the port. */
    public int port() {
        String line = line();
        if (line == null || !line.startsWith(LISTENING)) {
            throw new AssertionError("Not listening: " + line + "\n" + err());
        }
        return Integer.parseInt(line.substring(LISTENING.length()));
    }

    /** Returns the next line of the output, or null at its end. */
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

    /** Kills the process if it still runs, and returns its complete error output. */
    public String err() {
        // Destroying an ended process would close its streams and lose their unread output.
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

    /** Waits until the error output contains {@code part}. */
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

    /**
     * Sends SIGTERM. {@code Process.destroy} is not used because it would also close the streams and lose the output
     * that is printed during the drain.
     */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Sends SIGKILL, which the process cannot handle, and waits for its end. */
    public void kill() {
        process.destroyForcibly();
        status();
    }

    /** Sends SIGSTOP: the process stands still, and its connections stay open. */
    public void freeze() {
        signal("STOP");
    }

    /** Sends SIGCONT: the process continues. */
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

    /** Waits for the end of the process, and returns its exit status. */
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
