package dev.confab.jdbi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A disk that is full for one file: the limit of this process for the size of files is what the file has, so it can be
 * overwritten and cannot grow. Takes no rights and no file system of its own, and the errors are the kernel's.
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

    /** The soft limit, which may be raised again. */
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
