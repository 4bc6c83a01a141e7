package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.EntryReader;
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
import org.junit.jupiter.api.Test;

/** Tests readers that repeatedly change the transport in the middle of a stream. */
final class TransportSwitchTest {
    private static final int WRITERS = 4;
    private static final int READERS = 3;
    private static final int SWITCHES = 80;
    private static final List<Transport> SERVED = List.copyOf(Transport.SERVED);

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
                ids.add(EntryReader.field(response.body(), "id"));
            }
        }
        return ids;
    }

    private static List<String> switchAbout(int port, Random random) {
        List<String> ids = new ArrayList<>();
        String after = "earliest";
        for (int i = 0; i < SWITCHES; i++) {
            try (TransportReader reader =
                    Readers.open(SERVED.get(random.nextInt(SERVED.size())), new RawHttp(port), "after=" + after)) {
                for (int count = random.nextInt(40); count >= 0; count--) {
                    after = EntryReader.field(reader.next(), "id");
                    ids.add(after);
                }
            }
        }
        return ids;
    }

    private static List<List<String>> all(List<Future<List<String>>> futures) throws Exception {
        List<List<String>> results = new ArrayList<>();
        for (Future<List<String>> future : futures) {
            results.add(future.get(100, TimeUnit.SECONDS));
        }
        return results;
    }
}
