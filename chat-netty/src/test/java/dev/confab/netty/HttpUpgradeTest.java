package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of connections that switch from HTTP to another protocol. */
final class HttpUpgradeTest {
    private static final String REQUEST = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
    }

    /** {@code GET /echo}: the connection then echoes all bytes it receives. */
    private record Echo(Response head) implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/echo";
        }

        @Override
        public void handle(Exchange exchange) {
            exchange.takeOver(head, new Echoing());
        }
    }

    private static final class Echoing extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }

    @Test
    void bytesAfterTheRequestAreHandledAfterTheResponseHead() {
        Routes.of(new Echo(upgrade())).addHttpTo(channel.pipeline());

        receive(REQUEST + "GET behind");
        receive(" it");

        assertThat(sent())
                .isEqualTo(
                        "HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\nGET behind it");
        assertThat(handlers()).singleElement().isInstanceOf(Echoing.class);
    }

    @Test
    void aStreamHasTheHeaderConnectionClose() {
        Response head = Response.of(
                HttpResponseStatus.OK,
                "text/event-stream",
                Unpooled.copiedBuffer("retry: 1\n\n", StandardCharsets.UTF_8));
        Routes.of(new Echo(head)).addHttpTo(channel.pipeline());

        receive(REQUEST);

        assertThat(sent())
                .matches("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ndate: [^\r]*\r\n"
                        + "cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
                        + "connection: close\r\n\r\nretry: 1\n\n");
    }

    @Test
    void aForeignCodecIsRemovedFromThePipeline() {
        channel.pipeline().addLast(new HttpServerCodec());
        Routes.of(new Echo(upgrade())).addTo(channel.pipeline());

        receive(REQUEST);
        receive("hello");

        assertThat(sent()).endsWith("\r\n\r\nhello");
        assertThat(handlers()).singleElement().isInstanceOf(Echoing.class);
    }

    @Test
    void aRequestAfterAParkedRequestIsUpgradedInItsTurn() {
        List<Exchange> parked = new ArrayList<>();
        Endpoint park = new Endpoint() {
            @Override
            public HttpMethod method() {
                return HttpMethod.GET;
            }

            @Override
            public String path() {
                return "/park";
            }

            @Override
            public void handle(Exchange exchange) {
                parked.add(exchange);
            }
        };
        Routes.of(park, new Echo(upgrade())).addHttpTo(channel.pipeline());

        receive("GET /park HTTP/1.1\r\nHost: a\r\n\r\n" + REQUEST + "hello");
        assertThat(sent()).isEmpty();
        parked.get(0).answer(Response.of(HttpResponseStatus.ACCEPTED));

        assertThat(sent()).startsWith("HTTP/1.1 202 ").contains("HTTP/1.1 101 ").endsWith("\r\n\r\nhello");
    }

    private static Response upgrade() {
        return Response.of(HttpResponseStatus.SWITCHING_PROTOCOLS)
                .with(HttpHeaderNames.UPGRADE, "echo")
                .with(HttpHeaderNames.CONNECTION, "upgrade");
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private String sent() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            text.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
        }
        return text.toString();
    }

    private List<ChannelHandler> handlers() {
        return channel.pipeline().toMap().values().stream().toList();
    }
}
