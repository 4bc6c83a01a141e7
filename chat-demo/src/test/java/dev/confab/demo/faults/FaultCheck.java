package dev.confab.demo.faults;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs three nodes for a minute with each variant of faults. Runs in the profile {@code faults} only. */
final class FaultCheck {
    @TempDir
    Path directory;

    @BeforeAll
    static void begin() {
        QuietLog.begin();
    }

    @ParameterizedTest
    @EnumSource(FaultRun.Variant.class)
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void nothingIsLostDuplicatedOrReordered(FaultRun.Variant variant) throws Exception {
        FaultTest.run(
                variant,
                Integer.getInteger("faults.nodes", 3),
                Integer.getInteger("faults.seconds", 60),
                Long.getLong("faults.seed", System.nanoTime()),
                directory);
    }
}
