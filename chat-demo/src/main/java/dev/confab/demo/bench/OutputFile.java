package dev.confab.demo.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that an option names for the results. Thread-safe. */
final class OutputFile {
    private OutputFile() {}

    /** Checks before a run that a file can be written, so that the results of the run are not lost. */
    static void check(String option, @Nullable Path file) {
        if (file != null) {
            Path parent = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file) || parent == null || !Files.isWritable(parent)) {
                throw new IllegalArgumentException(option + ": " + file + " (expected: a file that can be written)");
            }
        }
    }

    static void write(String option, Path file, String content) {
        try {
            Files.writeString(file, content, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BenchException(option + ": " + file + " could not be written: " + e.getMessage(), e);
        }
    }
}
