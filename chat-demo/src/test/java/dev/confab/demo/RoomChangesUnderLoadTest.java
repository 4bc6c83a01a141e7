package dev.confab.demo;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.jdbi.PostgresServer;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests sockets that change their rooms while messages are published to all of these rooms. */
@Timeout(120)
final class RoomChangesUnderLoadTest {
    private static final List<String> ROOMS = List.of("home", "r1", "r2", "r3", "r4");

    private static final int WRITERS = 4;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean done = new AtomicBoolean();
    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        done.set(true);
        threads.shutdownNow();
        nodes.forEach(Node::close);
    }

    @Test
    void aThousandChangesInMemory() throws Exception {
        nodes.add(Node.start(NodeConfig.inMemory()));
        change(1_000);
    }

    @Test
    void aThousandChangesOnH2() throws Exception {
        nodes.add(Node.start(NodeConfig.inMemory().withDatabaseUrl(SharedDatabase.H2.newUrl())));
        change(1_000);
    }

    @Test
    void aThousandChangesOnThreeNodes() throws Exception {
        String url = PostgresServer.newSchema();
        for (int i = 0; i < 3; i++) {
            nodes.add(Node.start(NodeConfig.inMemory().withDatabaseUrl(url).withNews(Notifications.of(true, url))));
        }
        change(1_000);
    }

    /** Checks that each room's entries come once and in order, from each subscribe to its unsubscribe. */
    private void change(int changes) throws Exception {
        List<Future<Map<String, List<String>>>> writing = new ArrayList<>();
        for (Node node : nodes) {
            for (int i = 0; i < WRITERS; i++) {
                writing.add(threads.submit(() -> write(node.port())));
            }
        }
        List<Future<List<Stay>>> wandering = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int port = nodes.get(i).port();
            Random random = new Random(i);
            wandering.add(threads.submit((Callable<List<Stay>>) () -> wander(port, random, changes)));
        }
        List<Stay> stays = new ArrayList<>();
        for (Future<List<Stay>> each : wandering) {
            stays.addAll(each.get(100, TimeUnit.SECONDS));
        }
        done.set(true);
        Map<String, List<String>> log = new HashMap<>();
        for (Future<Map<String, List<String>>> each : writing) {
            each.get(30, TimeUnit.SECONDS)
                    .forEach((room, ids) ->
                            log.computeIfAbsent(room, r -> new ArrayList<>()).addAll(ids));
        }
        log.values().forEach(ids -> ids.sort(null));
        assertThat(stays.stream().mapToInt(stay -> stay.ids.size()).sum()).isGreaterThan(changes);
        for (Stay stay : stays) {
            List<String> expected = log.getOrDefault(stay.room, List.of()).stream()
                    .filter(id -> id.compareTo(stay.from) > 0 && id.compareTo(stay.to) <= 0)
                    .toList();
            assertThat(stay.ids)
                    .as("%s from %s to %s", stay.room, stay.from, stay.to)
                    .isEqualTo(expected);
        }
    }

    /** Publishes to random rooms, one message after the other. Returns the ids by room. */
    private Map<String, List<String>> write(int port) {
        Map<String, List<String>> ids = new HashMap<>();
        Random random = new Random();
        try (RawHttp http = new RawHttp(port)) {
            while (!done.get()) {
                String room = ROOMS.get(random.nextInt(ROOMS.size()));
                RawHttp.Response response = http.post("/messages?room=" + room, "application/json", "{\"body\":\"x\"}")
                        .read();
                assertThat(response.status()).isEqualTo(201);
                ids.computeIfAbsent(room, r -> new ArrayList<>()).add(field(response.body(), "id"));
            }
        }
        return ids;
    }

    private static List<Stay> wander(int port, Random random, int changes) {
        List<Stay> ended = new ArrayList<>();
        Map<String, Stay> current = new TreeMap<>();
        Map<String, String> seen = new HashMap<>();
        try (WsClient client = new WsClient(new RawHttp(port)).upgrade("?room=home")) {
            current.put("home", new Stay("home", field(client.text(), "cursor")));
            for (int i = 0; i < changes; i++) {
                for (int n = random.nextInt(6); n > 0; n--) {
                    take(client.text(), current, seen);
                }
                String room = ROOMS.get(1 + random.nextInt(ROOMS.size() - 1));
                if (current.containsKey(room)) {
                    client.send("{\"type\":\"unsubscribe\",\"room\":\"" + room + "\"}");
                } else {
                    String after = random.nextBoolean() ? "latest" : seen.getOrDefault(room, "");
                    client.send("{\"type\":\"subscribe\",\"room\":\"" + room + "\",\"after\":\"" + after + "\"}");
                }
                String text = client.text();
                while (text.startsWith("{\"type\":\"message\"")) {
                    take(text, current, seen);
                    text = client.text();
                }
                assertThat(field(text, "room")).as(text).isEqualTo(room);
                String cursor = field(text, "cursor");
                if (field(text, "type").equals("subscribed")) {
                    current.put(room, new Stay(room, cursor));
                } else {
                    assertThat(text).startsWith("{\"type\":\"unsubscribed\"");
                    ended.add(current.remove(room).endAt(cursor));
                    seen.put(room, cursor);
                }
            }
        }
        ended.add(current.remove("home").endAt(seen.getOrDefault("home", "")));
        return ended;
    }

    private static void take(String entry, Map<String, Stay> current, Map<String, String> seen) {
        assertThat(entry).startsWith("{\"type\":\"message\"");
        Stay stay = current.get(field(entry, "room"));
        assertThat(stay).as("a subscribed room for %s", entry).isNotNull();
        stay.ids.add(field(entry, "id"));
        seen.put(stay.room, field(entry, "id"));
    }

    /** The entries of a room from a subscribe to its unsubscribe. */
    private static final class Stay {
        final String room;
        final String from;
        final List<String> ids = new ArrayList<>();
        String to = "";

        Stay(String room, String from) {
            this.room = room;
            this.from = from;
        }

        Stay endAt(String cursor) {
            to = cursor;
            return this;
        }
    }
}
