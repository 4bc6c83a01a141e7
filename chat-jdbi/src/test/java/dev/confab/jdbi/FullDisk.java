package dev.confab.jdbi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Simulates a disk that is full for one file. The file size limit of this process is set to the current size of the
 * file, so the file can be overwritten but cannot grow. This needs neither special rights nor a separate file system,
 * and the errors come from the kernel.
 */
final class FullDisk implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/prlimit");

    private final Path file;

    FullDisk(Path file) {
        this.file = file;
    }

    static boolean isPossible() {
        return Files.isExecutable(PROGRAM);
    }

    void setFull(boolean full) throws IOException {
        limit(full ? Long.toString(Files.size(file)) : "unlimited");
    }

    @Override
    public void close() throws IOException {
        limit("unlimited");
    }

    /** Sets the soft limit, which can be raised again. */
    private static void limit(String bytes) throws IOException {
        Process process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--pid",
                        Long.toString(ProcessHandle.current().pid()),
                        "--fsize=" + bytes + ":")
                .inheritIO()
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("the limit was not set");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
