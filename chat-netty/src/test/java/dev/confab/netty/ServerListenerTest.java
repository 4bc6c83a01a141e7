package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of the events of a server. */
@Timeout(60)
final class ServerListenerTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(100);

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Test
    void aConnectionThatTheClientClosesEndsNormally() throws InterruptedException {
        try (ServerFixture server = server(HttpConfig.defaults())) {
            try (RawHttp client = server.connect()) {
                assertThat(client.get("/health").read().status()).isEqualTo(200);
                assertThat(next()).isEqualTo("opened");
                assertThat(server.server.stats().connections()).isEqualTo(1);
            }
            assertThat(next()).isEqualTo("closed NORMAL");
            assertThat(server.server.stats().connections()).isZero();
        }
    }

    @Test
    void aConnectionWithoutAFurtherRequestIsIdle() throws InterruptedException {
        try (ServerFixture server = server(HttpConfig.defaults().withTimeouts(LONG, LONG, SHORT));
                RawHttp client = server.connect()) {
            client.get("/health").read();
            assertThat(next()).isEqualTo("opened");
            assertThat(next()).isEqualTo("closed IDLE");
        }
    }

    @Test
    void aRequestThatDoesNotArriveTimesOut() throws InterruptedException {
        try (ServerFixture server = server(HttpConfig.defaults().withTimeouts(SHORT, LONG, LONG))) {
            try (RawHttp client = server.connect()) {
                assertThat(client.send("GET /he").read().status()).isEqualTo(408);
            }
            assertThat(next()).isEqualTo("opened");
            assertThat(next()).isEqualTo("closed TIMEOUT");
        }
    }

    @Test
    void aRequestThatIsNotHttpIsRejected() throws InterruptedException {
        try (ServerFixture server = server(HttpConfig.defaults())) {
            try (RawHttp client = server.connect()) {
                assertThat(client.send("nonsense\r\n\r\n").read().status()).isEqualTo(400);
            }
            assertThat(next()).isEqualTo("opened");
            assertThat(next()).isEqualTo("closed REJECTED");
        }
    }

    @Test
    void aShutdownDrainsTheConnections() throws InterruptedException {
        ServerFixture server = server(HttpConfig.defaults());
        try (RawHttp client = server.connect()) {
            client.get("/health").read();
            assertThat(next()).isEqualTo("opened");
            server.close();
            assertThat(next()).isEqualTo("closed DRAINING");
        }
    }

    @Test
    void aListenerThatFailsChangesNothing() throws InterruptedException {
        ServerListener failing = new ServerListener() {
            @Override
            public void connectionOpened() {
                throw new IllegalStateException("scripted");
            }

            @Override
            public void connectionClosed(CloseCause cause) {
                events.add("closed " + cause);
                throw new IllegalStateException("scripted");
            }
        };
        try (ServerFixture server =
                new ServerFixture(ServerFixture.CONFIG.withListener(failing), HttpConfig.defaults())) {
            try (RawHttp client = server.connect()) {
                assertThat(client.get("/health").read().status()).isEqualTo(200);
            }
            assertThat(next()).isEqualTo("closed NORMAL");
            assertThat(server.server.stats().connections()).isZero();
        }
    }

    private ServerFixture server(HttpConfig http) {
        return new ServerFixture(ServerFixture.CONFIG.withListener(new Recorder(events)), http);
    }

    private String next() throws InterruptedException {
        return events.poll(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private record Recorder(BlockingQueue<String> events) implements ServerListener {
        @Override
        public void connectionOpened() {
            events.add("opened");
        }

        @Override
        public void connectionClosed(CloseCause cause) {
            events.add("closed " + cause);
        }
    }
}
