package dev.confab.demo.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server in a separate JVM, with the class path of this JVM. The server ends with this JVM. Safe for any thread. */
final class ServerChild implements AutoCloseable {
    private static final String LISTENING = "Listening on ";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final int LAST_LINES = 20;
    private static final long END_SECONDS = 10;
    private static final long JCMD_SECONDS = 30;
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    /** The last line of a class histogram: instances, then bytes. */
    private static final Pattern LIVE = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

    /** The committed kilobytes of native memory that no part of the JVM itself has allocated. */
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    private final Process process;
    private final Thread hook;
    private final ArrayDeque<String> lastLines = new ArrayDeque<>();
    private final CompletableFuture<Address> listening = new CompletableFuture<>();

    private ServerChild(Process process) {
        this.process = process;
        this.hook = new Thread(process::destroyForcibly, "kill-server");
        Runtime.getRuntime().addShutdownHook(hook);
        Thread reader = new Thread(this::read, "server-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a server. {@link #address} waits until the server is ready.
     *
     * @param main the main class of the demo
     */
    static ServerChild start(Class<?> main, String databaseUrl, List<String> javaOptions, String... serveOptions) {
        List<String> command = new ArrayList<>();
        command.add(tool("java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path", ""),
                main.getName(),
                "serve",
                "--port",
                "0"));
        command.addAll(List.of(serveOptions));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // All users of the machine can see the arguments of a process, and the URL may contain a password.
        builder.environment().put("DATABASE_URL", databaseUrl);
        try {
            return new ServerChild(builder.start());
        } catch (IOException e) {
            throw new BenchException("The server could not be started: " + e.getMessage(), e);
        }
    }

    private static Path tool(String name) {
        return Path.of(System.getProperty("java.home", ""), "bin", name);
    }

    private void read() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(LISTENING)) {
                    listening.complete(Address.parse(line.substring(LISTENING.length())));
                }
                synchronized (lastLines) {
                    lastLines.add(line);
                    if (lastLines.size() > LAST_LINES) {
                        lastLines.remove();
                    }
                }
            }
        } catch (IOException e) {
            // The server was killed.
        }
        listening.completeExceptionally(new BenchException("The server ended"));
    }

    /**
     * Waits until the server listens. If the server does not start, the exception contains the last lines of its
     * output.
     */
    Address address() throws InterruptedException {
        try {
            return listening.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new BenchException("The server did not listen within " + START_TIMEOUT.toSeconds() + " s" + said());
        } catch (ExecutionException e) {
            throw new BenchException("The server did not start" + said());
        }
    }

    private String said() {
        synchronized (lastLines) {
            return lastLines.isEmpty() ? "" : ":\n  " + String.join("\n  ", lastLines);
        }
    }

    /** Returns the processor time in nanoseconds; empty where the system does not report it. */
    OptionalLong cpu() {
        return process.toHandle()
                .info()
                .totalCpuDuration()
                .map(time -> OptionalLong.of(time.toNanos()))
                .orElse(OptionalLong.empty());
    }

    /** Returns the resident memory in bytes; empty where the system does not report it. */
    OptionalLong resident() {
        try {
            Matcher kilobytes =
                    RESIDENT.matcher(Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status")));
            return kilobytes.find() ? OptionalLong.of(Long.parseLong(kilobytes.group(1)) * 1024) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Returns the bytes of live objects on the server's heap, after a full garbage collection; empty when the JDK has
     * no {@code jcmd}.
     */
    OptionalLong liveHeap() throws InterruptedException {
        return jcmd(LIVE, 1, "GC.class_histogram");
    }

    /**
     * Returns the bytes outside of the server's heap that its code has allocated, nearly all of them in direct buffers.
     * Empty when the JDK has no {@code jcmd}, or when the server was started without
     * {@code -XX:NativeMemoryTracking=summary}.
     */
    OptionalLong direct() throws InterruptedException {
        return jcmd(OTHER, 1024, "VM.native_memory", "summary");
    }

    int threads() throws IOException {
        return proc("task");
    }

    int openFiles() throws IOException {
        return proc("fd");
    }

    private int proc(String directory) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", String.valueOf(process.pid()), directory))) {
            return (int) entries.count();
        }
    }

    long pid() {
        return process.pid();
    }

    private OptionalLong jcmd(Pattern figure, long unit, String... command) throws InterruptedException {
        if (!Files.isExecutable(tool("jcmd")) && !Files.isExecutable(tool("jcmd.exe"))) {
            return OptionalLong.empty();
        }
        List<String> line = new ArrayList<>(List.of(tool("jcmd").toString(), String.valueOf(process.pid())));
        line.addAll(List.of(command));
        try {
            Process jcmd = new ProcessBuilder(line).redirectErrorStream(true).start();
            String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = jcmd.waitFor(JCMD_SECONDS, TimeUnit.SECONDS);
            Matcher found = figure.matcher(said);
            return ended && found.find()
                    ? OptionalLong.of(Long.parseLong(found.group(1)) * unit)
                    : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Kills the server, as the log that it stored is no longer needed. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            // This JVM is ending, and the hook kills the server.
        }
    }
}
