package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ChatServerTest {
    private static Stream<IoTransport> available() {
        return Arrays.stream(IoTransport.values())
                .filter(io -> io.unavailability().isEmpty());
    }

    private static Class<? extends Channel> channel(IoTransport io) {
        return switch (io) {
            case NIO -> NioSocketChannel.class;
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case AUTO -> Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
        };
    }

    @ParameterizedTest
    @MethodSource("available")
    void aServerServesAndDrainsOnEachTransport(IoTransport io) throws Exception {
        ServerFixture fixture =
                new ServerFixture(ServerFixture.CONFIG.withEventLoops(1).withIo(io), HttpConfig.defaults());
        try (fixture;
                RawHttp parked = fixture.connect();
                RawHttp idle = fixture.connect();
                RawHttp fresh = fixture.connect();
                RawHttp half = fixture.connect()) {
            parked.get("/park");
            Exchange exchange = fixture.lot.next();
            assertThat(exchange.channel()).isInstanceOf(channel(io));
            assertThat(idle.get("/health").read().status()).isEqualTo(200);
            half.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{");

            CompletableFuture<Void> closed = CompletableFuture.runAsync(fixture.server::close);

            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(fresh.isClosedByServer()).isTrue();
            assertThat(closed).isNotDone();
            ParkingLot.release(exchange);
            RawHttp.Response response = parked.read();
            assertThat(response.status()).isEqualTo(202);
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(parked.isClosedByServer()).isTrue();
            half.hangUp();
            closed.get();
        }
    }

    @Test
    void aDrainingServerRefusesPublishes() {
        ServerFixture fixture = new ServerFixture();
        try (fixture;
                RawHttp idle = fixture.connect();
                RawHttp late = fixture.connect()) {
            assertThat(idle.get("/health").read().status()).isEqualTo(200);
            late.send("POST /messages HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n");
            assertThat(late.read().status()).isEqualTo(100);

            CompletableFuture<Void> closed = CompletableFuture.runAsync(fixture.server::close);
            assertThat(idle.isClosedByServer()).isTrue();
            RawHttp.Response response = late.send("{\"body\":\"x\"}").read();

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(response.header("retry-after")).isEqualTo("1");
            assertThat(response.body()).contains("\"code\":\"draining\"");
            closed.join();
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    void aDrainingServerRespondsToRequestsInTheSocket(IoTransport io) throws InterruptedException {
        try (ServerFixture fixture =
                        new ServerFixture(ServerFixture.CONFIG.withEventLoops(1).withIo(io), HttpConfig.defaults());
                RawHttp client = fixture.connect()) {
            client.get("/park");
            Exchange exchange = fixture.lot.next();
            Channel channel = exchange.channel();
            ParkingLot.release(exchange);
            assertThat(client.read().status()).isEqualTo(202);
            // Waits until the loop has finished with the response, because it then reads on.
            settle(channel);
            channel.config().setAutoRead(false);
            settle(channel);
            client.get("/health");
            // Once another client has got a response, the request of this client has arrived in the socket.
            try (RawHttp other = fixture.connect()) {
                assertThat(other.get("/health").read().status()).isEqualTo(200);
            }
            channel.eventLoop().execute(() -> {
                channel.config().setAutoRead(true);
                channel.pipeline().fireUserEventTriggered(ServerEvent.DRAINING);
            });
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    void aDeadNetworkIsNoticedByUnacknowledgedBytes(IoTransport io) throws InterruptedException {
        ChatServerConfig config =
                ServerFixture.CONFIG.withEventLoops(1).withIo(io).withDeadAfter(Duration.ofMillis(91_234));
        try (ServerFixture fixture = new ServerFixture(config, HttpConfig.defaults());
                RawHttp client = fixture.connect()) {
            client.get("/park");
            Exchange exchange = fixture.lot.next();
            ChannelOption<Integer> option = Sockets.of(io).userTimeout();
            assertThat(option == null).isEqualTo(channel(io).equals(NioSocketChannel.class));
            if (option != null) {
                assertThat(exchange.channel().config().getOption(option)).isEqualTo(91_234);
            }
            ParkingLot.release(exchange);
            assertThat(client.read().status()).isEqualTo(202);
        }
        assertThat(ChatServerConfig.defaults().deadAfter()).isEqualTo(Duration.ofSeconds(90));
    }

    private static void settle(Channel channel) {
        channel.eventLoop().submit(() -> {}).syncUninterruptibly();
    }

    @Test
    void aServerReportsDrainingBeforeItStopsServing() throws InterruptedException {
        ServerFixture fixture = new ServerFixture(
                ServerFixture.CONFIG.withDrain(Duration.ofHours(1), Duration.ofSeconds(10)), HttpConfig.defaults());
        Thread closer = new Thread(fixture.server::close);
        try (fixture;
                RawHttp client = fixture.connect()) {
            assertThat(client.get("/health").read().status()).isEqualTo(200);
            closer.start();

            RawHttp.Response response = client.get("/health").read();
            while (response.status() == 200) {
                response = client.get("/health").read();
            }

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.body()).isEqualTo("{\"status\":\"draining\"}");
            assertThat(client.post("/messages", "application/json", "{\"body\":\"x\"}")
                            .read()
                            .status())
                    .isEqualTo(201);
            try (RawHttp other = fixture.connect()) {
                assertThat(other.get("/health").read().status()).isEqualTo(503);
            }
            closer.interrupt();
            closer.join();
        }
    }

    @Test
    void connectionsLeftAfterTheDrainTimeoutAreCut() throws InterruptedException {
        ServerFixture fixture = new ServerFixture(
                ServerFixture.CONFIG.withDrain(Duration.ZERO, Duration.ofMillis(50)), HttpConfig.defaults());
        try (fixture;
                RawHttp client = fixture.connect()) {
            client.get("/park");
            Exchange exchange = fixture.lot.next();

            fixture.server.close();

            assertThat(fixture.lot.nextGone()).isSameAs(exchange);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void connectionsOverTheMaximumAreClosed() {
        try (ServerFixture fixture =
                        new ServerFixture(ServerFixture.CONFIG.withMaxConnections(1), HttpConfig.defaults());
                RawHttp first = fixture.connect()) {
            assertThat(first.get("/health").read().status()).isEqualTo(200);
            try (RawHttp second = fixture.connect()) {
                assertThat(second.isClosedByServer()).isTrue();
            }
            assertThat(first.get("/health").read().status()).isEqualTo(200);
        }
    }

    @Test
    void anAddressInUseIsNamedInTheError() {
        try (ServerFixture fixture = new ServerFixture()) {
            ChatServerConfig same = ServerFixture.CONFIG.withAddress("127.0.0.1", fixture.server.port());

            assertThatThrownBy(() -> ChatServer.start(same, Routes.of(fixture.lot)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("Cannot listen on 127.0.0.1:" + fixture.server.port() + ": the port is in use");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IoTransport.class,
            names = {"AUTO", "NIO"})
    void theReasonForAFailureToListenIsInTheError(IoTransport io) {
        assertCannotListen(io, "192.0.2.1", 0, "the address is not one of this machine's");
        assertCannotListen(io, "no-such-host.invalid", 0, "the name no-such-host.invalid is unknown");
    }

    private static void assertCannotListen(IoTransport io, String host, int port, String reason) {
        ChatServerConfig config =
                ChatServerConfig.defaults().withAddress(host, port).withIo(io);
        assertThatThrownBy(() -> ChatServer.start(config, Routes.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Cannot listen on " + host + ":" + port + ": " + reason);
    }

    @Test
    void aClosedServiceIsUnhealthy() {
        try (ServerFixture fixture = new ServerFixture();
                RawHttp client = fixture.connect()) {
            fixture.chat.close();

            RawHttp.Response response = client.get("/health").read();

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.body()).isEqualTo("{\"status\":\"draining\"}");
            assertThat(response.header("retry-after")).isEqualTo("1");
        }
    }
}
