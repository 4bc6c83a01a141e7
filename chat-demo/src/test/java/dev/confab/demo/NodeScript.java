package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs a script of {@code chat-demo/clients} in Node. The calling test is skipped unless the packages are installed
 * with {@code npm install --prefix chat-demo/clients}. Not thread-safe.
 */
public final class NodeScript {
    private static final Path CLIENTS = Path.of("clients").toAbsolutePath();
    private static final Path PACKAGES = CLIENTS.resolve("node_modules");

    /** The Node 22 that npm installed; the other versions are the machine's own {@code node}. */
    private static final Path NODE_22 = PACKAGES.resolve(".bin").resolve("node");

    private NodeScript() {}

    /**
     * Runs a script and asserts that it succeeds.
     *
     * @param version 22 for the Node that npm installed; any other value means the machine's {@code node}
     */
    public static void run(int version, String... scriptAndArguments) {
        run(version, line -> {}, scriptAndArguments);
    }

    /** @param lines receives each line of the output */
    public static void run(int version, Consumer<String> lines, String... scriptAndArguments) {
        assumeTrue(Files.isDirectory(PACKAGES), "npm install --prefix chat-demo/clients was not run: left out");
        List<String> command = new ArrayList<>();
        command.add(version == 22 ? NODE_22.toString() : "node");
        command.addAll(List.of(scriptAndArguments));
        List<String> output = new ArrayList<>();
        try {
            Process process = new ProcessBuilder(command)
                    .directory(CLIENTS.toFile())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    output.add(line);
                    System.out.println(line);
                    lines.accept(line);
                }
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.exitValue()).as(String.join("\n", output)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
