package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests of clients that stop in the middle of a request, stay idle, or do not read a response. */
final class RequestTimeoutTest {
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration NEVER = Duration.ofHours(1);

    /** Counted down by a test when the first request of its client is in the socket. */
    private final CountDownLatch sent = new CountDownLatch(1);

    @Test
    void aConnectionWithoutARequestIsClosed() {
        try (ServerFixture fixture = fixture(SOON, NEVER, NEVER);
                RawHttp client = fixture.connect()) {
            isTimedOut(client);
        }
    }

    @Test
    void anIncompleteHeadTimesOut() {
        try (ServerFixture fixture = fixture(SOON, NEVER, NEVER);
                RawHttp client = fixture.connect()) {
            isTimedOut(client.send("GET /health HTTP/1.1\r\nHo"));
        }
    }

    @Test
    void anIncompleteLaterHeadTimesOut() {
        try (ServerFixture fixture = fixtureThatWaits(SOON, NEVER, NEVER);
                RawHttp client = fixture.connect()) {
            client.get("/health");
            sent.countDown();
            assertThat(client.read().status()).isEqualTo(200);
            isTimedOut(client.send("GET /health HTTP/1.1\r\nHost: a\r\n"));
        }
    }

    @Test
    void anIncompleteHeadBehindAParkedRequestTimesOut() throws InterruptedException {
        try (ServerFixture fixture = fixtureThatWaits(SOON, NEVER, NEVER);
                RawHttp client = fixture.connect()) {
            client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\nGET /hea");
            sent.countDown();
            ParkingLot.release(fixture.lot.next());
            assertThat(client.read().status()).isEqualTo(202);
            isTimedOut(client);
        }
    }

    @Test
    void anIncompleteBodyTimesOut() {
        try (ServerFixture fixture = fixture(NEVER, SOON, NEVER);
                RawHttp client = fixture.connect()) {
            isTimedOut(client.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{"));
        }
    }

    @Test
    void anIdleConnectionIsClosedSilently() {
        try (ServerFixture fixture = fixture(NEVER, NEVER, SOON);
                RawHttp client = fixture.connect()) {
            assertThat(client.get("/health").read().status()).isEqualTo(200);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aParkedRequestDoesNotTimeOut() throws InterruptedException {
        try (ServerFixture fixture = fixture(SOON, SOON, SOON);
                RawHttp client = fixture.connect();
                RawHttp other = fixture.connect()) {
            client.get("/park");
            Exchange exchange = fixture.lot.next();
            // The parked request arrived before the other request's timeout began, and is still open after it.
            isTimedOut(other.send("GET"));

            ParkingLot.release(exchange);

            assertThat(client.read().status()).isEqualTo(202);
        }
    }

    @Test
    void aClientThatDoesNotReadItsResponseIsCutOff() throws InterruptedException {
        int size = 64 << 20;
        BlockingQueue<Channel> asked = new LinkedBlockingQueue<>();
        Endpoint large = new Endpoint() {
            @Override
            public HttpMethod method() {
                return HttpMethod.GET;
            }

            @Override
            public String path() {
                return "/large";
            }

            @Override
            public void handle(Exchange exchange) {
                asked.add(exchange.channel());
                exchange.answer(Response.json(HttpResponseStatus.OK, Unpooled.wrappedBuffer(new byte[size])));
            }
        };
        HttpConfig http = HttpConfig.defaults().withTimeouts(NEVER, NEVER, SOON);
        // On a busy machine any reader can be held up for as long as SOON, and would then be cut off.
        HttpConfig patient = HttpConfig.defaults().withTimeouts(NEVER, NEVER, RawHttp.PATIENCE);
        try (ChatServer server =
                        ChatServer.start(ServerFixture.CONFIG, Routes.of(large).with(http));
                ChatServer other =
                        ChatServer.start(ServerFixture.CONFIG, Routes.of(large).with(patient));
                RawHttp slow = new RawHttp(server.port());
                RawHttp quick = new RawHttp(other.port())) {
            slow.get("/large");
            Channel slowly = asked.take();

            assertThat(quick.get("/large").read().body()).hasSize(size);
            assertThat(slowly.closeFuture().await(RawHttp.PATIENCE.toMillis())).isTrue();
            assertThat(slow.readLine()).startsWith("HTTP/1.1 200");
            assertThatThrownBy(() -> slow.readBytes(size)).isInstanceOf(UncheckedIOException.class);
        }
    }

    private static ServerFixture fixture(Duration header, Duration body, Duration idle) {
        return new ServerFixture(ServerFixture.CONFIG, HttpConfig.defaults().withTimeouts(header, body, idle));
    }

    /**
     * Returns a server that begins to serve a connection, and to measure its time, when {@link #sent} is counted down.
     * Otherwise a first request that a busy machine delays would time out, although the test does not expect that.
     */
    private ServerFixture fixtureThatWaits(Duration header, Duration body, Duration idle) {
        ServerListener waiting = new ServerListener() {
            @Override
            public void connectionOpened() {
                try {
                    assertThat(sent.await(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                            .isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted", e);
                }
            }
        };
        return new ServerFixture(
                ServerFixture.CONFIG.withListener(waiting),
                HttpConfig.defaults().withTimeouts(header, body, idle));
    }

    private static void isTimedOut(RawHttp client) {
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.body()).contains("\"code\":\"request_timeout\"");
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.isClosedByServer()).isTrue();
    }
}
