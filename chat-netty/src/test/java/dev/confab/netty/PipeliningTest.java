package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that arrive in one read, and the flushes of their responses. */
class PipeliningTest {
    private final Asked asked = new Asked();
    private final Flushes flushes = new Flushes();
    private final EmbeddedChannel channel = new EmbeddedChannel(flushes);

    /** Responds at once, or, if {@link #isLate} is set, when the test calls {@link #answer}. */
    private static final class Asked implements Endpoint {
        final Queue<Exchange> open = new ArrayDeque<>();
        boolean isLate;

        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/answer";
        }

        @Override
        public void handle(Exchange exchange) {
            if (isLate) {
                open.add(exchange);
            } else {
                answer(exchange);
            }
        }

        static void answer(Exchange exchange) {
            exchange.answer(
                    Response.json(HttpResponseStatus.OK, Unpooled.copiedBuffer("yes;", StandardCharsets.US_ASCII)));
        }
    }

    /** Records the number of responses in each flush. */
    private final class Flushes extends ChannelOutboundHandlerAdapter {
        final List<Integer> answers = new ArrayList<>();

        @Override
        public void flush(ChannelHandlerContext ctx) {
            ctx.flush();
            answers.add(take().split(";", -1).length - 1);
        }
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void immediateResponsesAreFlushedTogether() {
        ask(5);
        assertThat(flushes.answers).containsExactly(5);
    }

    @Test
    void responsesAfterALateResponseAreFlushedWithIt() {
        asked.isLate = true;
        ask(5);
        assertThat(flushes.answers).isEmpty();
        assertThat(asked.open).as("one at a time").hasSize(1);

        Asked.answer(asked.open.remove());
        assertThat(flushes.answers).containsExactly(1);
        asked.isLate = false;
        Asked.answer(asked.open.remove());

        assertThat(flushes.answers).containsExactly(1, 4);
    }

    private void ask(int times) {
        Routes.of(asked).addHttpTo(channel.pipeline());
        String request = "GET /answer HTTP/1.1\r\nHost: here\r\n\r\n";
        channel.writeInbound(Unpooled.copiedBuffer(request.repeat(times), StandardCharsets.US_ASCII));
        channel.runPendingTasks();
    }

    private String take() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return all.toString();
    }
}
