package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.jdbi.PostgresServer;
import dev.confab.netty.EntryReader;
import dev.confab.netty.PollClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Restarts a node while participants are connected that reconnect at once: none of them leaves. The system property
 * {@code restarts} sets the number of restarts.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class RestartCheck {
    private static final int RESTARTS = Integer.getInteger("restarts", 10);
    private static final int PARTICIPANTS = 200;

    /** The longest time from a single node's SIGTERM to the line in which the next process prints its address. */
    private static final Duration LIMIT = Duration.ofSeconds(3);

    /** The grace period of the demo for participants that reconnect. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final String LAST = "the-last";
    private static final Pattern NICK = Pattern.compile("\"nick\":\"([^\"]+)\"");

    private enum Signal {
        TERM(ServerProcess::terminate),
        KILL(ServerProcess::kill);

        private final Consumer<ServerProcess> sender;

        Signal(Consumer<ServerProcess> sender) {
            this.sender = sender;
        }
    }

    private final List<ServerProcess> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Duration> drains = new ArrayList<>();
    private final List<Duration> durations = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        nodes.forEach(ServerProcess::close);
    }

    @ParameterizedTest
    @EnumSource
    void nobodyLeavesWhenTheOnlyNodeRestarts(Signal signal) throws Exception {
        run(signal, 1, "jdbc:h2:file:" + directory.resolve("chat"));
    }

    @Test
    void theOnlyNodeRestartsWithinTheLimit() throws Exception {
        run(Signal.TERM, 1, "jdbc:h2:file:" + directory.resolve("chat"));
        assertThat(durations).allMatch(duration -> duration.compareTo(LIMIT) <= 0);
    }

    @ParameterizedTest
    @EnumSource
    void nobodyLeavesWhenOneOfTwoNodesRestarts(Signal signal) throws Exception {
        run(signal, 2, PostgresServer.newSchema());
    }

    private void run(Signal signal, int nodeCount, String url) throws Exception {
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(node(url, 0));
            ports.add(nodes.get(i).port());
        }
        try (ReturningCrowd crowd = new ReturningCrowd(ports, "participant-", PARTICIPANTS)) {
            for (int i = 0; i < RESTARTS; i++) {
                restart(signal, i, url, crowd);
            }
            check(signal, nodeCount, crowd.longestAbsence());
        }
    }

    private ServerProcess node(String url, int port) {
        return new ServerProcess(Map.of("DATABASE_URL", url), "serve", "--port", "" + port);
    }

    private void restart(Signal signal, int round, String url, ReturningCrowd crowd) throws InterruptedException {
        int restarted = round % nodes.size();
        int port = ports.get(restarted);
        String ghost = "ghost-" + round + "-";
        crowd.awaitAll();
        ReturningCrowd gone = new ReturningCrowd(List.of(port), ghost, 1);
        awaitPresence(port, body -> body.contains(ghost) && occurrences(body) == PARTICIPANTS + 1);
        gone.close();

        long begun = System.nanoTime();
        signal.sender.accept(nodes.get(restarted));
        int status = nodes.get(restarted).status();
        drains.add(Duration.ofNanos(System.nanoTime() - begun));
        nodes.set(restarted, node(url, port));
        nodes.get(restarted).port();
        durations.add(Duration.ofNanos(System.nanoTime() - begun));
        if (signal == Signal.TERM) {
            assertThat(status).isZero();
        }
        crowd.awaitAll();
        // The participant that does not come back leaves. Any other absent participant would have left by then as well.
        awaitPresence(port, body -> !body.contains(ghost));
    }

    private void check(Signal signal, int nodeCount, Duration longestAbsence) {
        try (RawHttp http = new RawHttp(ports.get(0))) {
            http.post("/messages", "application/json", "{\"body\":\"" + LAST + "\"}");
            assertThat(http.read().status()).isEqualTo(201);
        }
        List<String> joins = new ArrayList<>();
        List<String> leaves = new ArrayList<>();
        try (TransportReader log = new PollClient(new RawHttp(ports.get(0)), "room=lobby&after=earliest")) {
            for (String entry = log.next(); !entry.contains(LAST); entry = log.next()) {
                (EntryReader.field(entry, "type").equals("join") ? joins : leaves)
                        .add(EntryReader.field(entry, "nick"));
            }
        }
        Collections.sort(drains);
        Collections.sort(durations);
        System.out.printf(
                "%s, nodes: %d, restarts: %d, participants: %d; joins: %d, leaves of participants that came back: %d;"
                        + " longest absence: %d ms; from the signal to the end of the process: median %d ms, longest %d ms;"
                        + " to the next \"Listening on\": median %d ms, longest %d ms%n",
                signal,
                nodeCount,
                RESTARTS,
                PARTICIPANTS,
                joins.size(),
                leaves.stream().filter(nick -> !nick.startsWith("ghost-")).count(),
                longestAbsence.toMillis(),
                drains.get(RESTARTS / 2).toMillis(),
                drains.get(RESTARTS - 1).toMillis(),
                durations.get(RESTARTS / 2).toMillis(),
                durations.get(RESTARTS - 1).toMillis());
        // A participant with a longer absence would have left, and the following checks would fail for that reason.
        assertThat(longestAbsence).isLessThan(GRACE);
        List<String> ghosts =
                IntStream.range(0, RESTARTS).mapToObj(i -> "ghost-" + i + "-0").toList();
        assertThat(leaves).containsExactlyElementsOf(ghosts);
        assertThat(joins).doesNotHaveDuplicates().hasSize(PARTICIPANTS + RESTARTS);
    }

    private static void awaitPresence(int port, Predicate<String> expected) {
        while (true) {
            try (RawHttp http = new RawHttp(port)) {
                http.get("/presence?room=lobby");
                if (expected.test(http.read().body())) {
                    return;
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static int occurrences(String body) {
        return (int) NICK.matcher(body).results().count();
    }
}
