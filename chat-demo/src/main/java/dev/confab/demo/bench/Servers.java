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

/** The nodes that are measured: our own children, or servers that are up. For one thread. */
final class Servers implements AutoCloseable {
    private final List<ServerChild> children = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();
    private @Nullable Path directory;
    private @Nullable Thread hook;

    private Servers() {}

    /** Servers that are up already, about whose processes nothing is known. */
    static Servers at(List<Address> addresses) {
        Servers servers = new Servers();
        servers.addresses.addAll(addresses);
        return servers;
    }

    /**
     * Starts nodes and waits until they listen.
     *
     * @param databaseUrl the log of all of them, or null for a new H2 file that is removed afterwards
     * @throws BenchException when one does not come up
     */
    static Servers start(int nodes, @Nullable String databaseUrl, List<String> javaOptions)
            throws InterruptedException {
        Servers servers = new Servers();
        try {
            String url = databaseUrl == null
                    ? "jdbc:h2:file:" + servers.newDirectory().resolve("chat")
                    : databaseUrl;
            for (int i = 0; i < nodes; i++) {
                ServerChild child = ServerChild.start(url, javaOptions);
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

    /** Processor time of all in nanoseconds, where it is told. */
    OptionalLong cpu() {
        return sum(children.stream().map(ServerChild::cpu).toList());
    }

    /** Bytes of all that are in memory, where it is told. */
    OptionalLong resident() {
        return sum(children.stream().map(ServerChild::resident).toList());
    }

    /** Bytes of live objects on the heaps of all, where it is told. */
    OptionalLong liveHeap() throws InterruptedException {
        List<OptionalLong> heaps = new ArrayList<>();
        for (ServerChild child : children) {
            heaps.add(child.liveHeap());
        }
        return sum(heaps);
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
                // This JVM is ending, and the hook is at work.
            }
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            // What is inside first. What a dying server holds on to is left to the system.
            files.map(Path::toFile).sorted(java.util.Comparator.reverseOrder()).forEach(File::delete);
        } catch (IOException | java.io.UncheckedIOException e) {
            // It is gone already.
        }
    }
}
