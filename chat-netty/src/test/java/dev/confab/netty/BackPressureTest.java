package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of clients that send more requests without waiting for responses, or do not read the responses. */
final class BackPressureTest {
    private static final String REQUEST = "GET /park HTTP/1.1\r\nHost: a\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Deque<Exchange> parked = new ArrayDeque<>();

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
    }

    private final class Park implements Endpoint {
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
    }

    @Test
    void aParkedConnectionIsReadUntilTooManyBytesAreWaiting() {
        Routes.of(new Park()).addHttpTo(channel.pipeline());

        receive(REQUEST);
        assertThat(channel.config().isAutoRead()).isTrue();
        int sent = 0;
        while (channel.config().isAutoRead()) {
            receive(REQUEST.repeat(100));
            sent += 100;
        }

        assertThat(sent * REQUEST.length()).isBetween(64 << 10, 80 << 10);
        assertThat(parked).hasSize(1);
        for (int i = 0; i <= sent; i++) {
            parked.remove().answer(Response.of(HttpResponseStatus.ACCEPTED));
        }
        assertThat(parked).isEmpty();
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aParkedConnectionBehindAForeignCodecIsReadUntilTooManyRequestsAreWaiting() {
        channel.pipeline().addLast(new HttpServerCodec());
        Routes.of(new Park()).addTo(channel.pipeline());

        receive(REQUEST.repeat(16));
        assertThat(channel.config().isAutoRead()).isTrue();
        receive(REQUEST.repeat(4));
        assertThat(channel.config().isAutoRead()).isFalse();

        for (int i = 0; i < 20; i++) {
            assertThat(parked).hasSize(1);
            parked.remove().answer(Response.of(HttpResponseStatus.ACCEPTED));
        }
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aClientThatReadsNoResponsesGetsNoFurtherRequestsHandled() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(100, 200));
        Routes.of(new Park()).addHttpTo(channel.pipeline());
        // An embedded channel takes all output at once, so the valve has to hold flushes up before they reach it.
        Valve valve = new Valve();
        channel.pipeline().addFirst(valve);

        receive(REQUEST.repeat(3));
        parked.remove().answer(answer(50_000));

        assertThat(channel.isWritable()).isFalse();
        assertThat(parked).isEmpty();
        valve.open(channel);
        assertThat(parked).hasSize(1);
    }

    private static Response answer(int size) {
        ByteBuf body = Unpooled.wrappedBuffer(new byte[size]);
        return Response.json(HttpResponseStatus.OK, body);
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }
}
