package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Repeatedly kills a process in the middle of its appends. Only the next process opens the file in between. For the
 * effects of a power loss, see {@link H2PowerLossTest}. {@code -Dcrash.rounds=100} makes it longer.
 */
@Timeout(90)
class H2CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 3);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void acknowledgedMessagesSurviveKill9(Durability durability) throws Exception {
        Random random = new Random();
        List<MessageId> acknowledged = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            appendAndKill(durability, 20 + random.nextInt(400), acknowledged);
        }
        appendAndKill(durability, 1, acknowledged);
        assertThat(acknowledged).isSorted().doesNotHaveDuplicates();
    }

    /**
     * Starts a process, asserts that it finds all acknowledged messages, and records the ids that it acknowledges until
     * it is killed.
     */
    private void appendAndKill(Durability durability, int after, List<MessageId> acknowledged)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AppendingProcess.class.getName(),
                        directory.toString(),
                        durability.name())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int before = acknowledged.size();
        try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(found(output)).isSorted().doesNotHaveDuplicates().containsAll(acknowledged);
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                // The last line may be incomplete; then its id was not acknowledged.
                if (line.length() == 26) {
                    acknowledged.add(MessageId.parse(line));
                }
                if (acknowledged.size() == before + after) {
                    // Process.destroyForcibly would also close the output and lose its unread lines.
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        process.waitFor();
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(before + after);
    }

    private static List<MessageId> found(BufferedReader output) throws IOException {
        List<MessageId> found = new ArrayList<>();
        for (String line = output.readLine(); !AppendingProcess.READY.equals(line); line = output.readLine()) {
            assertThat(line).as("what it found, then " + AppendingProcess.READY).isNotNull();
            found.add(MessageId.parse(line));
        }
        return found;
    }
}
