package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of the headers that every response has, in a pipeline of its own and behind a foreign codec. */
final class ResponseHeadersTest {
    /** The HTTP codec in front of the endpoints. */
    enum Codec {
        OWN(channel -> {}),
        HTTP_SERVER_CODEC(channel -> channel.pipeline().addLast(new HttpServerCodec())),
        DECODER_AND_ENCODER(
                channel -> channel.pipeline().addLast(new HttpRequestDecoder()).addLast(new HttpResponseEncoder()));

        private final Consumer<Channel> adder;

        Codec(Consumer<Channel> adder) {
            this.adder = adder;
        }

        ChannelHandler initializer(Routes routes) {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    adder.accept(channel);
                    if (Codec.this == OWN) {
                        routes.addHttpTo(channel.pipeline());
                    } else {
                        routes.addTo(channel.pipeline());
                    }
                }
            };
        }
    }

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final Routes routes =
            Routes.of(new PublishHandler(chat), new PresenceHandler(chat), new HealthHandler(chat));
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        chat.close();
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyResponseHasTheDateAndTheNosniffHeader(Codec codec) {
        try (RawHttp client = connect(codec)) {
            Instant before = Instant.ofEpochSecond(Instant.now().getEpochSecond());
            client.get("/health").get("/presence").get("/nothing").get("/messages");
            client.post("/messages", "application/json", "{\"body\":\"<script>\"}");
            client.post("/messages", "application/json", "{");
            for (int status : List.of(200, 200, 404, 405, 201, 400)) {
                RawHttp.Response response = client.read();
                assertThat(response.status()).isEqualTo(status);
                assertThat(date(response)).isBetween(before, Instant.now());
                assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
            }
            RawHttp.Response options =
                    client.send("OPTIONS /messages HTTP/1.1\r\nHost: a\r\n\r\n").read();
            assertThat(options.status()).isEqualTo(204);
            assertThat(date(options)).isBetween(before, Instant.now());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHeadResponseIsTheHeadOfAGetResponseWithoutABody(Codec codec) {
        try (RawHttp client = connect(codec)) {
            for (String target : List.of("/presence?room=a", "/health")) {
                RawHttp.Response get = client.get(target).read();
                RawHttp.Response head = client.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")
                        .readHead();
                assertThat(head.statusLine()).isEqualTo(get.statusLine());
                assertThat(head.header("content-length"))
                        .isEqualTo(Integer.toString(get.body().length()));
                assertThat(head.headers())
                        .map(line -> line.split(":")[0])
                        .containsExactlyInAnyOrderElementsOf(get.headers().stream()
                                .map(line -> line.split(":")[0])
                                .toList());
            }
            // A body after the response to a HEAD would be read as the next response.
            assertThat(client.get("/health").read().status()).isEqualTo(200);
        }
    }

    private static Instant date(RawHttp.Response response) {
        assertThat(response.headers())
                .filteredOn(line -> line.startsWith("date: "))
                .hasSize(1);
        return ZonedDateTime.parse(response.header("date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }

    private RawHttp connect(Codec codec) {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(codec.initializer(routes))
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
        return new RawHttp(((InetSocketAddress) listener.localAddress()).getPort());
    }
}
