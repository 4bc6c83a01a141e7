package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.EntryReader;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import dev.confab.netty.WsClient;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restarts the server repeatedly with SIGTERM while clients write and read: they notice no more than a pause. */
final class RollingRestartTest {
    private static final int RESTARTS = 5;
    private static final int WRITERS = 4;

    /** The number of publishes that are in flight when the signal is sent, each on its own connection. */
    private static final int QUEUED = 32;

    /**
     * The number of publishes that are in flight on one WebSocket. TCP would hold back more small segments until the
     * peer has acknowledged the earlier segments.
     */
    private static final int SENT = 8;

    /** The number of messages that every client writes or reads between two restarts. */
    private static final int STEPS = 25;

    /** The pause between two attempts of a client. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String LAST = "the-last";
    private static final Pattern ENTRY = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"[^}]*\"body\":\"([^\"]*)\"");
    private static final Pattern CODE = Pattern.compile("\"code\":\"([^\"]*)\"");

    /** The id of each acknowledged body. */
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    /** The bodies that were refused with the code {@code draining}, which means that they were not stored. */
    private final Set<String> refused = new TreeSet<>();

    private final List<Semaphore> steps = new ArrayList<>();
    private final List<Future<?>> clients = new ArrayList<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    Path directory;

    private ServerProcess server;
    private int port;

    @AfterEach
    void stop() {
        done.set(true);
        threads.shutdownNow();
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aRollingRestartUnderLoadNeitherLosesNorRepeatsMessages() throws Exception {
        start(0);
        for (int w = 0; w < WRITERS; w++) {
            String name = "writer-" + w + "-";
            client(made -> write(name, made));
        }
        List<Future<Map<String, String>>> reading = new ArrayList<>();
        for (Transport transport : Transport.SERVED) {
            reading.add(client(made -> read(transport, made)));
        }
        for (int round = 0; round < RESTARTS; round++) {
            awaitSteps();
            restart(round);
        }
        awaitSteps();
        done.set(true);
        for (Future<?> writer : clients.subList(0, WRITERS)) {
            writer.get(60, TimeUnit.SECONDS);
        }
        publish(LAST);
        check(reading);
        end();
    }

    private void check(List<Future<Map<String, String>>> reading) throws Exception {
        Map<String, String> log = reading.get(0).get(60, TimeUnit.SECONDS);
        for (Future<Map<String, String>> reader : reading) {
            // A reader itself fails if an id is not greater than the last one or if a body is repeated.
            assertThat(new ArrayList<>(reader.get(60, TimeUnit.SECONDS).entrySet()))
                    .isEqualTo(new ArrayList<>(log.entrySet()));
        }
        assertThat(log).containsAllEntriesOf(acknowledged);
        assertThat(refused).noneMatch(log::containsKey);
        assertThat(log).as("each was acknowledged").hasSameSizeAs(acknowledged);
        System.out.println("restarts: " + RESTARTS + ", acknowledged: " + acknowledged.size()
                + ", refused while draining: " + refused.size());
    }

    private void start(int at) {
        server = ServerProcess.on(directory, at);
        port = server.port();
    }

    private void end() {
        server.terminate();
        assertThat(server.status()).isZero();
    }

    /** Restarts the server in the middle of a burst; the server responds to every request it got before the signal. */
    private void restart(int round) throws Exception {
        List<RawHttp> connections = new ArrayList<>();
        try (WsClient socket = new WsClient(new RawHttp(port)).greet("?room=elsewhere&after=latest")) {
            for (int i = 0; i < QUEUED; i++) {
                connections.add(new RawHttp(port));
            }
            // Once the server has responded on a connection, it has accepted that connection.
            connections.forEach(http -> http.get("/health"));
            connections.forEach(http -> assertThat(http.read().status()).isEqualTo(200));
            for (int i = 0; i < QUEUED; i++) {
                post(connections.get(i), "queued-" + round + "-" + i);
            }
            for (int i = 0; i < SENT; i++) {
                socket.send("{\"type\":\"send\",\"room\":\"lobby\","
                        + draft("socket-" + round + "-" + i).substring(1));
            }
            server.terminate();
            for (int i = 0; i < QUEUED; i++) {
                note("queued-" + round + "-" + i, connections.get(i).read().body());
            }
            List<String> answers = new ArrayList<>();
            for (String frame = socket.next(); frame != null; frame = socket.next()) {
                String body = EntryReader.field(frame, "key");
                answers.add(body);
                note(body, frame);
            }
            assertThat(answers).hasSize(SENT).doesNotHaveDuplicates();
        } finally {
            connections.forEach(RawHttp::close);
        }
        assertThat(server.status()).isZero();
        start(port);
    }

    /** Records the response to a publish in flight: the entry, or the refusal. */
    private void note(String body, String answer) {
        Matcher code = CODE.matcher(answer);
        if (code.find()) {
            assertThat(code.group(1)).isEqualTo("draining");
            refused.add(body);
        } else {
            acknowledged.put(body, EntryReader.field(answer, "id"));
        }
    }

    private Void write(String name, Semaphore made) {
        for (int i = 0; !done.get(); i++) {
            publish(name + i);
            made.release();
        }
        return null;
    }

    /** Publishes a message, and repeats it with the same key until it is acknowledged. */
    private void publish(String body) {
        while (!acknowledged.containsKey(body)) {
            try (RawHttp http = new RawHttp(port)) {
                RawHttp.Response response = post(http, body).read();
                if (response.status() == 503) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                } else {
                    assertThat(response.status()).as(response.body()).isBetween(200, 201);
                    MatchResult entry =
                            ENTRY.matcher(response.body()).results().findFirst().orElseThrow();
                    acknowledged.put(entry.group(2), entry.group(1));
                }
            } catch (UncheckedIOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static RawHttp post(RawHttp http, String body) {
        return http.post("/messages", "application/json", draft(body));
    }

    private static String draft(String body) {
        return "{\"body\":\"" + body + "\",\"key\":\"" + body + "\"}";
    }

    /** Reads the whole log over successive connections, up to the last message; returns the id of each body. */
    private Map<String, String> read(Transport transport, Semaphore made) {
        Map<String, String> read = new LinkedHashMap<>();
        String after = "earliest";
        while (!read.containsKey(LAST)) {
            try (TransportReader reader = Readers.open(transport, new RawHttp(port), "after=" + after)) {
                for (String json = reader.next(); json != null; json = reader.next()) {
                    Matcher entry = ENTRY.matcher(json);
                    assertThat(entry.find()).as(json).isTrue();
                    assertThat(entry.group(1)).isGreaterThan(after.equals("earliest") ? "" : after);
                    after = entry.group(1);
                    assertThat(read.put(entry.group(2), after)).as(json).isNull();
                    made.release();
                    if (entry.group(2).equals(LAST)) {
                        return read;
                    }
                }
            } catch (UncheckedIOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (EntryReader.Refused e) {
                // While it drains, a server refuses new WebSockets, but responds to other readers.
                if (transport != Transport.WEBSOCKET || e.status() != 503) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return read;
    }

    private interface Client<T> {
        T run(Semaphore made) throws Exception;
    }

    private <T> Future<T> client(Client<T> client) {
        Semaphore made = new Semaphore(0);
        steps.add(made);
        Future<T> future = threads.submit((Callable<T>) () -> client.run(made));
        clients.add(future);
        return future;
    }

    /** Waits until every client has made {@link #STEPS} further steps. */
    private void awaitSteps() throws Exception {
        steps.forEach(Semaphore::drainPermits);
        for (int i = 0; i < steps.size(); i++) {
            if (!steps.get(i).tryAcquire(STEPS, 60, TimeUnit.SECONDS)) {
                // If the client failed, this call throws its exception.
                clients.get(i).get(1, TimeUnit.SECONDS);
                throw new AssertionError("client " + i + " does not get on");
            }
        }
    }
}
