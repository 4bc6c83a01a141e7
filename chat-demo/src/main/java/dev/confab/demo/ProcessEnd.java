package dev.confab.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends a serving process after a signal or a failure of the server. In both cases the process is certain to exit, with
 * a status.
 */
final class ProcessEnd {
    /** Supervisors kill a process 30 s after the signal. */
    static final Duration LIMIT = Duration.ofSeconds(25);

    private static final int CLEAN = 0;
    private static final int FAILED = 1;

    private ProcessEnd() {}

    /**
     * Makes SIGTERM and SIGINT drain {@code node} and then end the process, and makes a failure of the node end the
     * process immediately.
     *
     * @param drainDelay the part of the drain that is added to {@link #LIMIT}
     */
    static void of(Node node, Duration drainDelay) {
        node.failure().thenAccept(cause -> {
            // A supervisor starts a new process. This process may be out of memory, so it does only the minimum.
            System.err.println("serve: an event loop failed, and the process ends: " + cause);
            Runtime.getRuntime().halt(FAILED);
        });
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            int status = FAILED;
                            try {
                                status = close(node, LIMIT.plus(drainDelay), System.err);
                            } finally {
                                // Otherwise, a JVM that a signal ends would exit with 128 + the number of the signal.
                                Runtime.getRuntime().halt(status);
                            }
                        },
                        "shutdown"));
    }

    /**
     * Closes {@code node} on a separate thread.
     *
     * @return the exit status, at the latest after {@code limit}
     */
    static int close(AutoCloseable node, Duration limit, PrintStream err) {
        AtomicInteger status = new AtomicInteger(FAILED);
        Thread closer = new Thread(
                () -> {
                    try {
                        node.close();
                        status.set(CLEAN);
                    } catch (Throwable e) {
                        err.println("serve: the shutdown failed: " + e);
                    }
                },
                "close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closer.isAlive()) {
            err.println("serve: the shutdown did not end within " + limit.toSeconds() + " s: the process ends now");
        }
        return status.get();
    }
}
