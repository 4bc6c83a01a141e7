package dev.confab.demo.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The nodes that are measured: child processes of this JVM, or servers that are already running. For one thread. */
final class Servers implements AutoCloseable {
    private final List<ServerChild> children = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();
    private @Nullable Path directory;
    private @Nullable Thread hook;

    private Servers() {}

    /** Returns servers that are already running, and whose processes cannot be measured. */
    static Servers at(List<Address> addresses) {
        Servers servers = new Servers();
        servers.addresses.addAll(addresses);
        return servers;
    }

    /**
     * Starts nodes and waits until they listen.
     *
     * @param main the main class of the demo
     * @param databaseUrl the log of all nodes, or null for a new H2 file that is removed afterwards
     * @throws BenchException when a node does not start
     */
    static Servers start(Class<?> main, int nodes, @Nullable String databaseUrl, List<String> javaOptions)
            throws InterruptedException {
        Servers servers = new Servers();
        try {
            String url = databaseUrl == null
                    ? "jdbc:h2:file:" + servers.newDirectory().resolve("chat")
                    : databaseUrl;
            for (int i = 0; i < nodes; i++) {
                ServerChild child = ServerChild.start(main, url, javaOptions);
                servers.children.add(child);
                servers.addresses.add(child.address());
            }
            return servers;
        } catch (RuntimeException | InterruptedException e) {
            servers.close();
            throw e;
        }
    }

    private Path newDirectory() {
        try {
            Path made = Files.createTempDirectory("confab-bench");
            directory = made;
            hook = new Thread(() -> delete(made), "delete-log");
            Runtime.getRuntime().addShutdownHook(hook);
            return made;
        } catch (IOException e) {
            throw new BenchException("No directory for the log: " + e.getMessage(), e);
        }
    }

    List<Address> addresses() {
        return addresses;
    }

    /** Returns the processor time of all children in nanoseconds; empty when it is unknown. */
    OptionalLong cpu() {
        return sum(children.stream().map(ServerChild::cpu).toList());
    }

    /** Returns the resident memory of all children in bytes; empty when it is unknown. */
    OptionalLong resident() {
        return sum(children.stream().map(ServerChild::resident).toList());
    }

    /** Returns the bytes of live objects on the heaps of all children; empty when they are unknown. */
    OptionalLong liveHeap() throws InterruptedException {
        List<OptionalLong> heaps = new ArrayList<>();
        for (ServerChild child : children) {
            heaps.add(child.liveHeap());
        }
        return sum(heaps);
    }

    /** Returns the growth of a figure; NaN when it is unknown. */
    static double difference(OptionalLong before, OptionalLong after) {
        return before.isEmpty() || after.isEmpty() ? Double.NaN : (double) after.getAsLong() - before.getAsLong();
    }

    private static OptionalLong sum(List<OptionalLong> parts) {
        return parts.isEmpty() || parts.stream().anyMatch(OptionalLong::isEmpty)
                ? OptionalLong.empty()
                : OptionalLong.of(
                        parts.stream().mapToLong(OptionalLong::getAsLong).sum());
    }

    @Override
    public void close() {
        children.forEach(ServerChild::close);
        if (directory != null) {
            delete(directory);
        }
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // This JVM is ending, and the hook deletes the directory.
            }
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            // The content of a directory is deleted before the directory. Files that a dying server still holds open
            // are left to the operating system.
            files.map(Path::toFile).sorted(java.util.Comparator.reverseOrder()).forEach(File::delete);
        } catch (IOException | java.io.UncheckedIOException e) {
            // The directory has already been deleted.
        }
    }
}
