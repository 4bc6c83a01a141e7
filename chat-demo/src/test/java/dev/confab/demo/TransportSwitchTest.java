package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests readers that repeatedly change the transport in the middle of a stream. */
final class TransportSwitchTest {
    private static final int WRITERS = 4;
    private static final int READERS = 3;
    private static final int SWITCHES = 80;
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean done = new AtomicBoolean();

    @Test
    void aReaderThatSwitchesGetsEveryEntryOnceAndInLogOrder() throws Exception {
        try (Node node = Node.start(NodeConfig.inMemory())) {
            List<Future<List<String>>> writing = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                writing.add(threads.submit(() -> write(node.port())));
            }
            List<Future<List<String>>> reading = new ArrayList<>();
            for (int r = 0; r < READERS; r++) {
                Random random = new Random(r);
                reading.add(threads.submit((Callable<List<String>>) () -> switchAbout(node.port(), random)));
            }
            List<List<String>> read = all(reading);
            done.set(true);
            List<String> written =
                    all(writing).stream().flatMap(List::stream).sorted().toList();
            assertThat(written).hasSizeGreaterThan(SWITCHES);
            for (List<String> ids : read) {
                // Without a gap from the first entry on: the ids are a prefix of the written ids, in the log's order.
                assertThat(ids).isEqualTo(written.subList(0, ids.size()));
            }
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    private List<String> write(int port) {
        List<String> ids = new ArrayList<>();
        try (RawHttp http = new RawHttp(port)) {
            while (!done.get()) {
                RawHttp.Response response = http.post("/messages", "application/json", "{\"body\":\"hello\"}")
                        .read();
                ids.add(id(response.body()));
            }
        }
        return ids;
    }

    private static List<String> switchAbout(int port, Random random) {
        List<String> ids = new ArrayList<>();
        String after = "earliest";
        for (int i = 0; i < SWITCHES; i++) {
            try (TransportReader reader = connect(random.nextInt(3), port, "after=" + after)) {
                for (int count = random.nextInt(40); count >= 0; count--) {
                    after = id(reader.next());
                    ids.add(after);
                }
            }
        }
        return ids;
    }

    /** @param transport 0 for long poll, 1 for SSE, 2 for WebSocket */
    static TransportReader connect(int transport, int port, String query) {
        return switch (transport) {
            case 0 -> new LongPollReader(port, query);
            case 1 -> new SseReader(port, query);
            default -> new WebSocketReader(port, query);
        };
    }

    private static String id(String entry) {
        Matcher id = ID.matcher(entry);
        assertThat(id.find()).as(entry).isTrue();
        return id.group(1);
    }

    private static List<List<String>> all(List<Future<List<String>>> futures) throws Exception {
        List<List<String>> results = new ArrayList<>();
        for (Future<List<String>> future : futures) {
            results.add(future.get(100, TimeUnit.SECONDS));
        }
        return results;
    }
}
