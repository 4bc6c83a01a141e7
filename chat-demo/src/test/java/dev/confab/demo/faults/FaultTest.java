package dev.confab.demo.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks that no acknowledged message is lost, no message is duplicated, and all readers see the same order, despite
 * faults of the nodes and the database.
 *
 * <p>{@code -Dfaults.seconds}, {@code -Dfaults.nodes}, {@code -Dfaults.variant} and {@code -Dfaults.seed} configure
 * the run.
 */
final class FaultTest {
    @TempDir
    Path directory;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void killedNodesAndACrashedDatabaseLoseDuplicateAndReorderNothing() throws Exception {
        String variant = System.getProperty("faults.variant", "kill");
        run(
                FaultRun.Variant.valueOf(variant.toUpperCase(Locale.ROOT).replace('-', '_')),
                Integer.getInteger("faults.nodes", 2),
                Integer.getInteger("faults.seconds", 20),
                Long.getLong("faults.seed", System.nanoTime()),
                directory);
    }

    static void run(FaultRun.Variant variant, int nodes, int seconds, long seed, Path directory) throws Exception {
        try (FaultRun run = new FaultRun(variant, nodes, seconds, seed, directory)) {
            try {
                System.out.println(run.run());
                assertThat(run.problems()).as("seed " + seed).isEmpty();
            } catch (Throwable e) {
                System.out.println("seed " + seed + "\n" + run.end());
                throw e;
            }
        }
    }
}
