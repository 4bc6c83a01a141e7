package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Checks that a leak fails the test class that runs. */
final class LeakReportsTest {
    /** The extension does not ask for the class that has ended. */
    private static final ExtensionContext ANY = null;

    private final LeakReports reports = new LeakReports();

    @Test
    void leakFailsTheClassWithItsTraceAndNoLaterClass() throws InterruptedException {
        leak();
        assertThatThrownBy(() -> reports.afterAll(ANY))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("leaks: 1 (expected: none). ")
                .hasMessageContaining("Hint: " + LeakReportsTest.class.getName() + ", started at ")
                .hasMessageContaining("LeakReportsTest.leak(LeakReportsTest.java:")
                .hasMessageNotContaining("org.junit.");
        reports.afterAll(ANY);
    }

    private static void leak() {
        ByteBufAllocator.DEFAULT.directBuffer(1);
    }
}
