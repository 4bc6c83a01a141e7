package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of the limits for one client, over sockets. */
@Timeout(60)
class LimitsTest {
    private static final LimitsConfig TWO = LimitsConfig.defaults().withMaxConnectionsPerAddress(2);
    private static final LimitsConfig BEHIND_A_PROXY = TWO.withTrustedProxies(List.of("127.0.0.0/8"));
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String ANN = "203.0.113.1";
    private static final String BOB = "203.0.113.2";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final ParkingLot lot = new ParkingLot();
    private final List<RawHttp> clients = new ArrayList<>();
    private ChatServer server;

    @AfterEach
    void stop() {
        clients.forEach(RawHttp::close);
        if (server != null) {
            server.close();
        }
        chat.close();
        store.close();
    }

    @Test
    void aConnectionBeyondTheLimitGets429AndIsClosed() {
        start(TWO);
        RawHttp first = connect();
        RawHttp second = connect();
        assertThat(get(first).status()).isEqualTo(200);
        assertThat(get(second).status()).isEqualTo(200);
        RawHttp third = connect();
        // Requests that are known and requests with a body take other paths in the server.
        assertRefused(third.get("/address").read());
        assertThat(third.isClosedByServer()).isTrue();
        RawHttp fourth = connect();
        assertRefused(fourth.post("/messages", FORM, "body=refused").read());
        assertThat(fourth.isClosedByServer()).isTrue();
        assertThat(chat.head()).isEqualTo(store.lastId());
        assertThat(get(first).status()).isEqualTo(200);
        assertThat(get(second).status()).isEqualTo(200);
    }

    @Test
    void aClosedConnectionMakesRoomForANewOne() throws InterruptedException {
        start(TWO);
        park(connect());
        RawHttp second = park(connect());
        second.close();
        lot.nextGone();
        assertThat(get(connect()).status()).isEqualTo(200);
    }

    @Test
    void aStreamCountsUntilItsConnectionIsClosed() {
        start(TWO);
        RawHttp stream = connect();
        assertThat(stream.get("/stream").readHead().status()).isEqualTo(200);
        assertThat(get(connect()).status()).isEqualTo(200);
        assertRefused(get(connect()));
    }

    @Test
    void farTooManyConnectionsAreClosedWithoutAResponse() {
        start(TWO);
        get(connect());
        get(connect());
        for (int i = 0; i < Admission.MAX_REFUSED; i++) {
            // The interim response shows that the server has counted the connection.
            connect()
                    .send("POST /messages HTTP/1.1\r\nHost: test\r\nContent-Type: " + FORM
                            + "\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
            assertThat(clients.get(clients.size() - 1).readHead().status()).isEqualTo(100);
        }
        assertThat(connect().isClosedByServer()).isTrue();
        assertThat(get(clients.get(0)).status()).isEqualTo(200);
        assertThat(get(clients.get(1)).status()).isEqualTo(200);
        assertRefused(clients.get(2).send("body=x").read());
    }

    @Test
    void aPageOfAnAllowedOriginCanReadTheRefusal() {
        start(TWO);
        get(connect());
        get(connect());
        RawHttp.Response refused = connect()
                .send("GET /address HTTP/1.1\r\nHost: test\r\nOrigin: https://app.example\r\n\r\n")
                .read();
        assertRefused(refused);
        assertThat(refused.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(refused.header("access-control-expose-headers")).contains("Retry-After");
    }

    @Test
    void theHeaderOfAClientThatIsNotATrustedProxyIsIgnored() {
        start(TWO);
        assertThat(get(connect(), ANN).body()).isEqualTo("127.0.0.1");
        assertThat(get(connect(), BOB).body()).isEqualTo("127.0.0.1");
        assertRefused(get(connect(), "203.0.113.3"));
    }

    @Test
    void aTrustedProxyNamesTheClient() {
        start(BEHIND_A_PROXY);
        assertThat(get(connect(), ANN).body()).isEqualTo(ANN);
        assertThat(get(connect(), "1.1.1.1, " + ANN + ", 127.0.0.2").body()).isEqualTo(ANN);
        assertThat(get(connect(), "[2001:db8::1]:4711").body()).isEqualTo("2001:db8::1");
        assertThat(get(connect()).body()).isEqualTo("127.0.0.1");
    }

    @Test
    void theConnectionsOfATrustedProxyCountForTheClientOfTheCurrentRequest() throws InterruptedException {
        start(BEHIND_A_PROXY);
        List<RawHttp> proxy = IntStream.range(0, 5).mapToObj(i -> connect()).toList();
        park(proxy.get(0), ANN);
        Exchange parked = park(proxy.get(1), ANN);
        assertThat(get(proxy.get(2), BOB).body()).isEqualTo(BOB);
        assertRefused(get(proxy.get(2), ANN));
        assertThat(get(proxy.get(3), BOB).body()).isEqualTo(BOB);
        ParkingLot.release(parked);
        assertThat(proxy.get(1).read().status()).isEqualTo(202);
        assertThat(get(proxy.get(3), ANN).body()).isEqualTo(ANN);
        assertThat(get(proxy.get(3), ANN).body()).isEqualTo(ANN);
        assertThat(get(proxy.get(1), BOB).body()).isEqualTo(BOB);
    }

    @Test
    void aStreamBehindATrustedProxyCountsForItsClient() {
        start(BEHIND_A_PROXY);
        for (int i = 0; i < 2; i++) {
            assertThat(connect().send(request("/stream", ANN)).readHead().status())
                    .isEqualTo(200);
        }
        assertRefused(get(connect(), ANN));
        assertThat(get(connect(), BOB).status()).isEqualTo(200);
    }

    @Test
    void publishesBeyondTheRateAreRefusedAndNotStored() {
        // A refill takes longer than the test, except for the one token that a bucket gets in a second.
        start(LimitsConfig.defaults().withPublishRate(1, 3).withTrustedProxies(List.of("127.0.0.1")));
        RawHttp client = connect();
        List<RawHttp.Response> responses = IntStream.range(0, 100)
                .mapToObj(i -> client.send(publish(ANN)).read())
                .toList();
        List<RawHttp.Response> refused =
                responses.stream().filter(response -> response.status() != 201).toList();
        assertThat(responses.subList(0, 3)).allMatch(response -> response.status() == 201);
        assertThat(refused).isNotEmpty().allSatisfy(response -> {
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.header("content-type")).isEqualTo("application/problem+json");
            assertThat(response.header("retry-after")).isEqualTo("1");
            assertThat(response.header("connection")).isNull();
            assertThat(response.body()).contains("\"code\":\"rate_limited\"");
        });
        assertThat(client.send(publish(BOB)).read().status()).isEqualTo(201);
        assertThat(client.send(request("/address", ANN)).read().status()).isEqualTo(200);
    }

    @Test
    void thereIsNoRateByDefault() {
        assertThat(new Limits(LimitsConfig.defaults()).publishes(InetAddress.getLoopbackAddress()))
                .isSameAs(PublishLimit.NONE);
    }

    @Test
    void aLimitThatMakesNoSenseIsRejected() {
        LimitsConfig defaults = LimitsConfig.defaults();
        assertThatThrownBy(() -> defaults.withMaxConnectionsPerAddress(0))
                .hasMessage("maxConnectionsPerAddress: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> defaults.withPublishRate(-1, 1)).hasMessage("publishRate: -1 (expected: 0 or more)");
        assertThatThrownBy(() -> defaults.withPublishRate(1, 0)).hasMessage("publishBurst: 0 (expected: 1 or more)");
    }

    private void start(LimitsConfig limits) {
        Routes routes = Routes.of(
                        new PublishHandler(chat),
                        lot,
                        new Fixed("/address", LimitsTest::answerAddress),
                        new Fixed(
                                "/stream",
                                e -> e.takeOver(
                                        Response.of(HttpResponseStatus.OK), new ChannelInboundHandlerAdapter())))
                .with(limits)
                .with(HttpConfig.defaults().withTimeouts(LONG, LONG, LONG))
                .allowing(List.of("https://app.example"));
        server = ChatServer.start(ServerFixture.CONFIG, routes);
    }

    private RawHttp connect() {
        RawHttp client = new RawHttp(server.port());
        clients.add(client);
        return client;
    }

    private RawHttp park(RawHttp client) throws InterruptedException {
        client.get("/park");
        lot.next();
        return client;
    }

    private Exchange park(RawHttp client, String address) throws InterruptedException {
        client.send(request("/park", address));
        return lot.next();
    }

    private static RawHttp.Response get(RawHttp client) {
        return client.get("/address").read();
    }

    private static RawHttp.Response get(RawHttp client, String forwardedFor) {
        return client.send(request("/address", forwardedFor)).read();
    }

    private static String request(String path, String forwardedFor) {
        return "GET " + path + " HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: " + forwardedFor + "\r\n\r\n";
    }

    private static String publish(String forwardedFor) {
        return "POST /messages HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: " + forwardedFor + "\r\nContent-Type: " + FORM
                + "\r\nContent-Length: 6\r\n\r\nbody=x";
    }

    private static void assertRefused(RawHttp.Response response) {
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.header("content-type")).isEqualTo("application/problem+json");
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(response.body()).contains("\"code\":\"too_many_connections\"");
    }

    private static void answerAddress(Exchange exchange) {
        String address = NetUtil.toAddressString(Objects.requireNonNull(exchange.clientAddress()));
        exchange.answer(
                Response.json(HttpResponseStatus.OK, Unpooled.copiedBuffer(address, StandardCharsets.US_ASCII)));
    }

    private record Fixed(String path, Consumer<Exchange> answer) implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public void handle(Exchange exchange) {
            answer.accept(exchange);
        }
    }
}
