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
 * Runs a script of {@code chat-demo/clients}, or a tool of npm, in Node. The calling test is skipped unless the packages
 * are installed with {@code npm install --prefix chat-demo/clients}. Not thread-safe.
 */
public final class NodeScript {
    /** The folder of the scripts. */
    static final Path CLIENTS = Path.of("clients").toAbsolutePath();

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
        run(version, CLIENTS, lines, scriptAndArguments);
    }

    /** @param folder the working directory, which the path of the script is relative to */
    static void run(int version, Path folder, Consumer<String> lines, String... scriptAndArguments) {
        execute(folder, lines, version == 22 ? NODE_22.toString() : "node", scriptAndArguments);
    }

    /** Runs a tool that npm installed, such as {@code tsc}, and asserts that it succeeds. */
    static void tool(Path folder, String name, String... arguments) {
        Path program = PACKAGES.resolve(".bin").resolve(name);
        assumeTrue(Files.exists(program), "npm install --prefix chat-demo/clients has not installed " + name);
        execute(folder, line -> {}, program.toString(), arguments);
    }

    /** Runs npm without its network, asserts that it succeeds, and returns its output. */
    static String npm(Path folder, String... arguments) {
        List<String> lines = new ArrayList<>();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"));
        execute(folder, lines::add, "npm", all.toArray(String[]::new));
        return String.join("\n", lines);
    }

    private static void execute(Path folder, Consumer<String> lines, String program, String... arguments) {
        assumeTrue(Files.isDirectory(PACKAGES), "npm install --prefix chat-demo/clients was not run: left out");
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        List<String> output = new ArrayList<>();
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
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
