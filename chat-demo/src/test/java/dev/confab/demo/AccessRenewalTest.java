package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.EntryReader;
import dev.confab.netty.WsClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets whose tokens expire and are renewed while messages are published: no entry is lost or doubled. A client that
 * renews too late is closed, and comes back with a new token and its cursor. With
 * {@code -Dtest.jvm.args=-Daccess.sockets=1000}, there are as many sockets.
 */
@Timeout(120)
final class AccessRenewalTest {
    private static final Logger LOG = LoggerFactory.getLogger(AccessRenewalTest.class);
    private static final int SOCKETS = Integer.getInteger("access.sockets", 60);
    private static final int THREADS = 10;
    private static final int MESSAGES = 300;
    private static final Duration LIFETIME = Duration.ofSeconds(1);
    private static final String TOKEN = AccessServer.tokenFromArrival("ann", "a", LIFETIME);

    private final AtomicInteger renewals = new AtomicInteger();
    private final AtomicInteger expiries = new AtomicInteger();

    @Test
    void noEntryIsLostOrDoubledWhileTokensExpireAndAreRenewed() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (AccessServer server = new AccessServer(new InMemoryMessageStore(), false, UnaryOperator.identity())) {
            List<Future<List<Client>>> results = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                List<Client> clients = IntStream.range(0, SOCKETS / THREADS)
                        .mapToObj(n -> new Client(server))
                        .toList();
                results.add(threads.submit(reading(clients)));
            }
            // Published over several lifetimes of a token, each message when some client has read the one before.
            for (int i = 0; i < MESSAGES; i++) {
                server.publish("a", "m" + i);
                Thread.sleep(10); // the pace of the load, no wait for an event
            }
            List<String> expected =
                    IntStream.range(0, MESSAGES).mapToObj(i -> "m" + i).toList();
            for (Future<List<Client>> result : results) {
                assertThat(result.get())
                        .allSatisfy(client -> assertThat(client.bodies).isEqualTo(expected));
            }
            LOG.info("{} sockets, {} renewals, {} closed by expiry", SOCKETS, renewals, expiries);
            assertThat(renewals.get() + expiries.get()).isGreaterThanOrEqualTo(SOCKETS);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Reads all clients in turn until each has got all messages. */
    private static Callable<List<Client>> reading(List<Client> clients) {
        return () -> {
            boolean isDone = false;
            while (!isDone) {
                isDone = true;
                boolean isIdle = true;
                for (Client client : clients) {
                    isIdle &= !client.readAvailable();
                    isDone &= client.bodies.size() >= MESSAGES;
                }
                if (isIdle) {
                    Thread.sleep(1); // leaves the processor to the server
                }
            }
            clients.forEach(Client::close);
            return clients;
        };
    }

    /** One client with its cursor. Every other renewal comes too late on purpose. */
    private final class Client {
        private final AccessServer server;
        private final List<String> bodies = new ArrayList<>();
        private String cursor = "earliest";
        private WsClient socket;
        private long renewed;
        private boolean isLate;

        Client(AccessServer server) {
            this.server = server;
            connect();
        }

        private void connect() {
            renewed = System.nanoTime();
            socket = server.socket("?room=a&after=" + cursor, TOKEN);
        }

        /** Returns whether there was anything to read. */
        boolean readAvailable() {
            if (!isLate && System.nanoTime() - renewed > LIFETIME.toNanos() / 2) {
                renewed = System.nanoTime();
                isLate = renewals.incrementAndGet() % 2 == 0;
                socket.send("{\"type\":\"auth\",\"token\":\"" + TOKEN + "\"}");
            }
            if (socket.http().available() == 0) {
                return false;
            }
            WsClient.Frame frame = socket.frame();
            if (frame.opcode() == WsClient.CLOSE) {
                assertThat(frame.code()).isEqualTo(4401);
                expiries.incrementAndGet();
                socket.close();
                isLate = false;
                connect();
            } else if (frame.opcode() == WsClient.TEXT && frame.text().contains("\"type\":\"message\"")) {
                cursor = EntryReader.field(frame.text(), "id");
                bodies.add(EntryReader.field(frame.text(), "body"));
            }
            return true;
        }

        void close() {
            socket.close();
        }
    }
}
