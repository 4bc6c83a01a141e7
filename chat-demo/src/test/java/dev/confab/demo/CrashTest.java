package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server with SIGKILL at random moments: after the restart, every acknowledged message is stored once and in
 * order. The script {@code crash-check} runs this test for many rounds.
 */
final class CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 3);
    private static final int CONNECTIONS = 8;
    private static final Pattern ENTRY = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"[^}]*\"body\":\"([^\"]*)\"");

    /** The id of each acknowledged body: the log must contain all of them. */
    private final Map<String, String> acknowledged = new LinkedHashMap<>();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** The database directory; it is kept after a failure so that it can be examined. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void acknowledgedMessagesAreStoredOnceAndInOrderAfterEveryKill() throws Exception {
        long seed = Long.getLong("crash.seed", System.nanoTime());
        Random random = new Random(seed);
        try {
            ServerProcess server = ServerProcess.on(directory);
            int port = server.port();
            for (int round = 0; round < ROUNDS; round++) {
                publishAndKill(server, port, round, random);
                server = ServerProcess.on(directory);
                port = server.port();
                check(port, "round " + round + ", seed " + seed);
            }
            server.kill();
            System.out.println("crash rounds: " + ROUNDS + ", acknowledged: " + acknowledged.size() + ", lost: 0");
        } finally {
            threads.shutdownNow();
        }
    }

    private void publishAndKill(ServerProcess server, int port, int round, Random random) throws Exception {
        CountDownLatch flowing = new CountDownLatch(CONNECTIONS);
        List<Future<Map<String, String>>> publishing = new ArrayList<>();
        for (int c = 0; c < CONNECTIONS; c++) {
            String name = round + "-" + c + "-";
            publishing.add(threads.submit((Callable<Map<String, String>>) () -> publish(port, name, flowing)));
        }
        assertThat(flowing.await(60, TimeUnit.SECONDS)).isTrue();
        // The kill must come at an arbitrary moment, so there is no event to wait for.
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(300_000)));
        server.kill();
        for (Future<Map<String, String>> each : publishing) {
            acknowledged.putAll(each.get(60, TimeUnit.SECONDS));
        }
    }

    /** Publishes until the connection breaks. */
    private static Map<String, String> publish(int port, String name, CountDownLatch flowing) {
        Map<String, String> known = new LinkedHashMap<>();
        try (RawHttp http = new RawHttp(port)) {
            for (int i = 0; ; i++) {
                String body = name + i;
                RawHttp.Response response = http.post("/messages", "application/json", "{\"body\":\"" + body + "\"}")
                        .read();
                assertThat(response.status()).isEqualTo(201);
                MatchResult entry =
                        ENTRY.matcher(response.body()).results().findFirst().orElseThrow();
                known.put(entry.group(2), entry.group(1));
                flowing.countDown();
            }
        } catch (UncheckedIOException e) {
            return known;
        }
    }

    private void check(int port, String when) {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> ids = new ArrayList<>();
        try (RawHttp http = new RawHttp(port)) {
            String after = "earliest";
            for (String body = ""; !body.equals("[]"); ) {
                RawHttp.Response page =
                        http.get("/messages?wait=0&after=" + after).read();
                assertThat(page.status()).as(when).isEqualTo(200);
                body = page.body();
                ENTRY.matcher(body).results().forEach(entry -> {
                    ids.add(entry.group(1));
                    found.put(entry.group(2), entry.group(1));
                });
                after = page.header("chat-cursor");
            }
        }
        assertThat(ids).as(when).isSorted().doesNotHaveDuplicates();
        assertThat(found).as(when + ": no body twice").hasSameSizeAs(ids);
        Map<String, String> lost = new LinkedHashMap<>(acknowledged);
        lost.entrySet().removeAll(found.entrySet());
        assertThat(lost)
                .as(when + ", in " + directory + ": acknowledged and not there")
                .isEmpty();
    }
}
