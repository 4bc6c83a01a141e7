package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Opens thousands of connections that hold memory while a well-behaved client publishes and requests {@code /health}.
 * Prints the rows of the table in docs/guarantees.md. Runs in the profile {@code attacks} only.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class AttackCheck {
    /** The pause between two requests of the well-behaved client. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long PHASE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_MILLIS = 100;
    private static final StringBuilder TABLE = new StringBuilder(
            "| attack | connections | p99 before | p99 during (ratio) | slowest | p99 after |\n| --- | --- | --- | --- | --- | --- |\n");

    private final ServerProcess server = new ServerProcess(
            Map.of(),
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=4"),
            "serve",
            "--port",
            "0",
            "--database-url",
            "memory");
    private final int port = server.port();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        server.close();
    }

    @AfterAll
    static void print() {
        System.out.println(TABLE);
    }

    @ParameterizedTest
    @EnumSource
    void aGoodClientIsServedMeanwhile(Attack attack) throws Exception {
        try (GoodClient client = new GoodClient(port)) {
            client.fill("big", 300, 9_000);
            client.serve(PHASE_NANOS);
            Histogram before = client.serve(PHASE_NANOS);

            Future<List<SocketChannel>> opening = threads.submit(() -> attack.open(port));
            Histogram during = new Histogram(3);
            while (!opening.isDone()) {
                during.add(client.serve(PAUSE_NANOS));
            }
            during.add(client.serve(PHASE_NANOS));
            for (SocketChannel channel : opening.get()) {
                channel.close();
            }
            client.serve(TimeUnit.SECONDS.toNanos(1));
            Histogram after = client.serve(PHASE_NANOS);

            TABLE.append(String.format(
                    "| %s | %,d | %.1f ms | %.1f ms (%.1f) | %.0f ms | %.1f ms |%n",
                    attack.title(),
                    attack.connections(),
                    millis(before.getValueAtPercentile(99)),
                    millis(during.getValueAtPercentile(99)),
                    (double) during.getValueAtPercentile(99) / before.getValueAtPercentile(99),
                    millis(during.getMaxValue()),
                    millis(after.getValueAtPercentile(99))));
            assertThat(millis(during.getMaxValue())).isLessThan(MAX_MILLIS);
            assertThat(millis(after.getMaxValue())).isLessThan(MAX_MILLIS);
        }
    }

    private static double millis(long micros) {
        return micros / 1_000.0;
    }

    /** Requests {@code /health} and publishes by turns, always on the same connection. */
    private static final class GoodClient implements AutoCloseable {
        private final RawHttp http;

        GoodClient(int port) throws IOException {
            this.http = new RawHttp(port);
        }

        void fill(String room, int count, int size) {
            for (int i = 0; i < count; i++) {
                http.post("/messages?room=" + room, "application/json", "{\"body\":\"" + "x".repeat(size) + "\"}");
                assertThat(http.read().status()).isEqualTo(201);
            }
        }

        /** Sends requests for this time, and returns the response times in µs. */
        Histogram serve(long nanos) {
            Histogram times = new Histogram(3);
            long end = System.nanoTime() + nanos;
            do {
                long begun = System.nanoTime();
                http.get("/health");
                assertThat(http.read().status()).isEqualTo(200);
                times.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun));
                LockSupport.parkNanos(PAUSE_NANOS);
                begun = System.nanoTime();
                http.post("/messages?room=good", "application/json", "{\"body\":\"hi\"}");
                assertThat(http.read().status()).isEqualTo(201);
                times.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun));
                LockSupport.parkNanos(PAUSE_NANOS);
            } while (System.nanoTime() < end);
            return times;
        }

        @Override
        public void close() {
            http.close();
        }
    }
}
