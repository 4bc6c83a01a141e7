package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Measures how long many long-poll readers take for the whole log after a restart on H2. */
@Timeout(300)
final class HerdCheck {
    private static final int READERS = 500;
    private static final int ENTRIES = 6_000;
    private static final Pattern MESSAGE = Pattern.compile("\"type\":\"message\"");

    @TempDir
    private Path directory;

    /**
     * The times of one reader, in seconds since the start of all readers.
     *
     * @param first when the first page was complete
     * @param last when all entries had arrived
     */
    private record Times(double first, double last) {}

    @Test
    void allReadersGetTheWholeLogAfterARestart() throws Exception {
        try (ServerProcess server = start();
                RawHttp http = new RawHttp(server.port())) {
            String body = "{\"body\":\"" + "x".repeat(100) + "\"}";
            for (int i = 0; i < ENTRIES; i++) {
                http.post("/messages?room=herd", "application/json", body);
                assertThat(http.read().status()).isEqualTo(201);
            }
        }
        try (ServerProcess server = start()) {
            int port = server.port();
            Duration before = server.cpu();
            List<Times> times = read(port);
            double micros = server.cpu().minus(before).toNanos() / 1e3 / READERS / ENTRIES;
            System.out.printf(
                    "%d readers, %,d entries each: all first pages after %.2f s, all entries after %.2f s,"
                            + " %.2f µs of the server's processor time for an entry%n",
                    READERS,
                    ENTRIES,
                    times.stream().mapToDouble(Times::first).max().orElseThrow(),
                    times.stream().mapToDouble(Times::last).max().orElseThrow(),
                    micros);
        }
    }

    private ServerProcess start() {
        return new ServerProcess(
                Map.of(),
                List.of("-Xmx512m", "-XX:TieredStopAtLevel=4"),
                "serve",
                "--port",
                "0",
                "--database-url",
                "jdbc:h2:file:" + directory.resolve("chat"));
    }

    private static List<Times> read(int port) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(READERS);
        try {
            long start = System.nanoTime();
            List<Future<Times>> running = IntStream.range(0, READERS)
                    .mapToObj(i -> threads.submit(() -> readAll(port, start)))
                    .toList();
            List<Times> times = new ArrayList<>();
            for (Future<Times> each : running) {
                times.add(each.get());
            }
            return times;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Times readAll(int port, long start) {
        try (RawHttp http = new RawHttp(port)) {
            String cursor = "earliest";
            double first = 0;
            long entries = 0;
            while (entries < ENTRIES) {
                http.get("/messages?room=herd&wait=0&after=" + cursor);
                RawHttp.Response page = http.read();
                cursor = page.header("chat-cursor");
                long found = MESSAGE.matcher(page.body()).results().count();
                assertThat(found).isPositive();
                first = entries == 0 ? (System.nanoTime() - start) / 1e9 : first;
                entries += found;
            }
            assertThat(entries).isEqualTo(ENTRIES);
            return new Times(first, (System.nanoTime() - start) / 1e9);
        }
    }
}
