package dev.confab.demo.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Transport;
import dev.confab.demo.faults.History.Entry;
import dev.confab.netty.RawHttp;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the latency of a reader on another node with the latency of a reader on the publisher's node, under little
 * load. Runs in the profile {@code faults} only.
 */
final class NodeLatencyCheck {
    private static final int WARM_UP = 200;
    private static final int MESSAGES = 500;

    @TempDir
    Path directory;

    @BeforeAll
    static void begin() {
        QuietLog.begin();
    }

    @Test
    void messageReachesAReaderOfAnotherNodeSoon() throws Exception {
        try (PostgresProcess database = new PostgresProcess(directory);
                NodeProcess here = new NodeProcess("here", database.port(), true);
                NodeProcess there = new NodeProcess("there", database.port(), true);
                Receiver near = new Receiver(here.port());
                Receiver far = new Receiver(there.port());
                RawHttp http = new RawHttp(here.port(), EntryStream.PATIENCE)) {
            long[] nearNanos = new long[MESSAGES];
            long[] farNanos = new long[MESSAGES];
            // Publishes each message when both readers have received the previous one.
            for (int i = -WARM_UP; i < MESSAGES; i++) {
                long sent = System.nanoTime();
                assertThat(http.post("/messages", "application/json", "{\"body\":\"" + i + "\"}")
                                .read()
                                .status())
                        .isEqualTo(201);
                long nearArrival = near.arrival("" + i);
                long farArrival = far.arrival("" + i);
                if (i >= 0) {
                    nearNanos[i] = nearArrival - sent;
                    farNanos[i] = farArrival - sent;
                }
            }
            double nearMillis = median(nearNanos);
            double farMillis = median(farNanos);
            System.out.printf(
                    Locale.ROOT,
                    "latency: from a publish to a WebSocket reader, p50 of %,d: %.2f ms on the same node, %.2f ms on another,"
                            + " ratio %.2f%n",
                    MESSAGES,
                    nearMillis,
                    farMillis,
                    farMillis / nearMillis);
            // Without notifications the latency would be half a second.
            assertThat(farMillis).isLessThan(200);
        }
    }

    private static double median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e6;
    }

    /** Records the arrival time of each message. */
    private static final class Receiver implements AutoCloseable {
        private final EntryStream stream;
        private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(WARM_UP + MESSAGES);
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Receiver(int port) {
            stream = EntryStream.open(Transport.WEBSOCKET, port, "room=lobby", "earliest");
            Thread thread = new Thread(this::receive, "receiver");
            thread.setDaemon(true);
            thread.start();
        }

        long arrival(String body) throws InterruptedException {
            Arrival next = arrivals.poll(20, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came", failure.get());
            }
            assertThat(next.body).isEqualTo(body);
            return next.nanos;
        }

        private void receive() {
            try {
                while (true) {
                    Entry entry = stream.next();
                    arrivals.add(new Arrival(entry.body(), System.nanoTime()));
                }
            } catch (Exception | AssertionError e) {
                failure.set(e);
            }
        }

        @Override
        public void close() {
            stream.close();
        }

        private record Arrival(String body, long nanos) {}
    }
}
