package dev.confab.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The ends of a serving process: a signal, and the failure of the server. Each is certain and ends with a status. */
final class ProcessEnd {
    /** Supervisors kill after 30 s. */
    static final Duration LIMIT = Duration.ofSeconds(25);

    private static final int CLEAN = 0;
    private static final int FAILED = 1;

    private ProcessEnd() {}

    /**
     * From now on SIGTERM and SIGINT drain {@code node} and then end the process, and a failure of the node ends it at once.
     *
     * @param drainDelay the part of the drain that comes on top of {@link #LIMIT}
     */
    static void of(Node node, Duration drainDelay) {
        node.failure().thenAccept(cause -> {
            // A supervisor starts a new process. This one may be out of memory: it does no more than it must.
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
                                // A JVM that a signal ends would exit with 128 + its number.
                                Runtime.getRuntime().halt(status);
                            }
                        },
                        "shutdown"));
    }

    /**
     * Closes on a thread of its own.
     *
     * @return the status to exit with, after {@code limit} at the latest
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
