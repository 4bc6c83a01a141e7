package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the endpoints under a prefix in a foreign server, with a foreign handler behind them. */
final class ForeignPipelineTest {
    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final ParkingLot lot = new ParkingLot();
    private final Routes routes =
            Routes.of(new PublishHandler(chat), new HealthHandler(chat), lot).under("/chat");
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private boolean isAggregating;
    private Channel listener;
    private RawHttp client;

    @BeforeEach
    void start() {
        listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpServerCodec());
                        if (isAggregating) {
                            channel.pipeline().addLast(new HttpObjectAggregator(1 << 20));
                        }
                        routes.addTo(channel.pipeline());
                        channel.pipeline().addLast(new Elsewhere());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
        client = connect();
    }

    @AfterEach
    void stop() {
        client.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        chat.close();
        store.close();
    }

    @Test
    void requestsUnderThePrefixAreServedAndOthersPassedOn() {
        assertThat(client.get("/chat/health").read().status()).isEqualTo(200);
        assertThat(client.get("/other?x").read().body()).isEqualTo("GET /other?x");
        assertThat(client.post("/other", "text/plain", "body").read().body()).isEqualTo("POST /other");
        assertThat(client.get("/chatter").read().body()).isEqualTo("GET /chatter");
        assertThat(client.get("/chat/nothing").read().status()).isEqualTo(404);
        assertThat(client.get("/chat/messages").read().header("allow")).isEqualTo("POST, OPTIONS");
        assertThat(client.post("/chat/messages", "application/json", "{\"body\":\"x\"}")
                        .read()
                        .status())
                .isEqualTo(201);
    }

    @Test
    void endpointsWorkBehindAnAggregator() {
        isAggregating = true;
        try (RawHttp other = connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(other.post("/chat/messages", "application/json", "{\"body\":\"x\"}")
                                .read()
                                .status())
                        .isEqualTo(201);
                assertThat(other.post("/other", "text/plain", "body").read().body())
                        .isEqualTo("POST /other");
            }
        }
    }

    @Test
    void responsesOfBothHandlersKeepTheirOrder() throws InterruptedException {
        client.get("/chat/park").get("/later").get("/chat/health").get("/other").get("/chat/park");

        ParkingLot.release(lot.next());

        assertThat(client.read().status()).isEqualTo(202);
        assertThat(client.read().body()).isEqualTo("GET /later");
        assertThat(client.read().body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(client.read().body()).isEqualTo("GET /other");
        ParkingLot.release(lot.next());
        assertThat(client.read().status()).isEqualTo(202);
    }

    @Test
    void manyPipelinedRequestsGetResponses() throws InterruptedException {
        client.get("/chat/park");
        client.send("GET /chat/health HTTP/1.1\r\nHost: a\r\n\r\nGET /other HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50));

        ParkingLot.release(lot.next());

        assertThat(client.read().status()).isEqualTo(202);
        for (int i = 0; i < 50; i++) {
            assertThat(client.read().body()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(client.read().body()).isEqualTo("GET /other");
        }
    }

    @Test
    void aHeadResponseHasNoBody() {
        client.send("HEAD /chat/health HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(client.readHead().header("content-length")).isEqualTo("15");
        assertThat(client.get("/chat/health").read().status()).isEqualTo(200);
    }

    @Test
    void aRequestThatExpects100ContinueGetsIt() {
        client.send("POST /chat/messages HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send("{\"body\":\"x\"}").read().status()).isEqualTo(201);
        assertThat(client.get("/other").read().status()).isEqualTo(200);
    }

    @Test
    void aBadRequestIsRefused() {
        client.get("/chat/health").send("GET /chat/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(200);
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"bad_request\"");
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aDisconnectIsNoticed() throws InterruptedException {
        client.get("/chat/park");
        Exchange exchange = lot.next();

        client.hangUp();

        assertThat(lot.nextGone()).isSameAs(exchange);
    }

    @Test
    void whileDrainingEachResponseClosesItsConnection() throws InterruptedException {
        client.get("/chat/park");
        Exchange exchange = lot.next();

        routes.drain(Duration.ofSeconds(1));
        ParkingLot.release(exchange);

        assertThat(client.read().header("connection")).isEqualTo("close");
        assertThat(client.isClosedByServer()).isTrue();
    }

    private RawHttp connect() {
        return new RawHttp(((InetSocketAddress) listener.localAddress()).getPort());
    }

    /** Responds with the method and target of the request, and with a short delay if the target ends with "later". */
    private static final class Elsewhere extends SimpleChannelInboundHandler<HttpObject> {
        private String line;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject object) {
            if (object instanceof HttpRequest request) {
                line = request.method() + " " + request.uri();
            }
            if (object instanceof LastHttpContent) {
                FullHttpResponse response = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII));
                response.headers()
                        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
                if (line.endsWith("later")) {
                    ctx.executor().schedule(() -> ctx.writeAndFlush(response), 50, TimeUnit.MILLISECONDS);
                } else {
                    ctx.writeAndFlush(response);
                }
            }
        }
    }
}
