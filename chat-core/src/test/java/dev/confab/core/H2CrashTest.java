package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
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

/** A process is killed in the middle of its appends. What this cannot show is what power loss does. */
@Timeout(60)
class H2CrashTest {
    private static final int ROUNDS = 3;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void whatWasAcknowledgedSurvivesKill9(Durability durability) throws Exception {
        Random random = new Random();
        List<MessageId> acknowledged = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            acknowledged.addAll(appendAndKill(durability, 20 + random.nextInt(400)));
            try (HikariDataSource database = H2Database.inFile(directory);
                    MessageStore store = JdbiMessageStore.open(database)) {
                List<MessageId> found = StoreCalls.all(store, StoreCalls.A).stream()
                        .map(Message::id)
                        .toList();
                assertThat(found).isSorted().doesNotHaveDuplicates().containsAll(acknowledged);
            }
        }
        assertThat(acknowledged).isSorted().doesNotHaveDuplicates();
    }

    private List<MessageId> appendAndKill(Durability durability, int after) throws IOException, InterruptedException {
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
        List<MessageId> acknowledged = new ArrayList<>();
        try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                // The last line may be cut in its middle; then its id was not told.
                if (line.length() == 26) {
                    acknowledged.add(MessageId.parse(line));
                }
                if (acknowledged.size() == after) {
                    // Not by the process itself, which would close the output with what is in it.
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        process.waitFor();
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(after);
        return acknowledged;
    }
}
