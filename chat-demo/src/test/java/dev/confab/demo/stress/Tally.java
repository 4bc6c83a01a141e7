package dev.confab.demo.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Counts how often each test ran and failed. Confined to one thread. */
final class Tally implements TestExecutionListener {
    /** One test: how often it ran to its end, and how often it failed. */
    record Row(String test, int ran, int failed) {
        private Row plus(boolean hasFailed) {
            return new Row(test, ran + 1, failed + (hasFailed ? 1 : 0));
        }

        static Row parse(String line) {
            String[] columns = line.split("\t");
            return new Row(columns[0], Integer.parseInt(columns[1]), Integer.parseInt(columns[2]));
        }

        private String line() {
            return test + "\t" + ran + "\t" + failed;
        }
    }

    private final Map<String, Row> rows = new TreeMap<>();
    private final PrintStream failures;
    private boolean hasFailures;

    /** @param failures receives the stack trace of each failure at once */
    Tally(PrintStream failures) {
        this.failures = failures;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean failed = result.getStatus() == Status.FAILED;
        if (failed) {
            hasFailures = true;
            failures.println(Instant.now() + " FAILED: " + name(test) + " (" + test.getDisplayName() + ")");
            result.getThrowable().ifPresent(cause -> cause.printStackTrace(failures));
        }
        // A class that fails as a whole counts as one failure: its tests did not run, or it leaked a buffer.
        if (failed || test.isTest() && result.getStatus() == Status.SUCCESSFUL) {
            rows.merge(name(test), new Row(name(test), 0, 0).plus(failed), (old, one) -> old.plus(failed));
        }
    }

    /** Returns the name of a class and, after the last dot, of its test. */
    private static String name(TestIdentifier test) {
        TestSource source = test.getSource().orElse(null);
        if (source instanceof MethodSource method) {
            return method.getClassName() + "." + method.getMethodName();
        }
        return source instanceof ClassSource type
                ? type.getClassName() + ".(the class as a whole)"
                : test.getLegacyReportingName();
    }

    boolean hasFailures() {
        return hasFailures;
    }

    void write(Path file) throws IOException {
        Files.write(file, rows.values().stream().map(Row::line).toList());
    }

    static List<Row> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(Row::parse).toList();
    }
}
