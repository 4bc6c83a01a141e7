package dev.confab.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Passes on one request at a time behind a foreign decoder, and keeps the following requests until the response was
 * written. The response may come from our handlers or from later handlers of the pipeline, so responses keep their
 * order in both cases.
 *
 * <p>When too many requests or bytes wait, the connection is not read. The input of the last read is already decoded by
 * then and waits too, so the bound can be exceeded by the size of one read.
 */
final class PipeliningHandler extends ChannelDuplexHandler {
    private static final int MAX_REQUESTS = 16;

    /** The approximate memory that the objects of a request use, in bytes. */
    private static final int OVERHEAD = 256;

    private final int maxBytes;
    private @Nullable ArrayDeque<HttpObject> waiting;
    private int requests;
    private int bytes;
    private boolean isAnswering;
    private boolean wasAnsweredEarly;
    private boolean isInterim;
    private boolean isReading = true;
    private boolean isDraining;

    PipeliningHandler(HttpConfig config) {
        this.maxBytes = config.maxPipelined();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpObject object)) {
            ctx.fireChannelRead(message);
        } else if (mayPass(ctx) && !isDraining && (waiting == null || waiting.isEmpty())) {
            pass(ctx, object);
        } else {
            keep(ctx, object);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response) {
            HttpResponseStatus status = response.status();
            isInterim = status.codeClass() == HttpStatusClass.INFORMATIONAL
                    && !status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        }
        boolean isEnd = message instanceof LastHttpContent && !isInterim;
        ctx.write(message, promise);
        if (isEnd) {
            wasAnsweredEarly = !isAnswering;
            isAnswering = false;
            drain(ctx);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        drain(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
        if (!isReading) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private boolean mayPass(ChannelHandlerContext ctx) {
        return !isAnswering && ctx.channel().isWritable();
    }

    private void pass(ChannelHandlerContext ctx, HttpObject object) {
        if (object instanceof LastHttpContent) {
            isAnswering = !wasAnsweredEarly;
            wasAnsweredEarly = false;
        }
        ctx.fireChannelRead(object);
    }

    private void keep(ChannelHandlerContext ctx, HttpObject object) {
        ArrayDeque<HttpObject> queue = waiting;
        if (queue == null) {
            queue = new ArrayDeque<>();
            waiting = queue;
        }
        queue.add(object);
        count(object, 1);
        if (isReading && (requests >= MAX_REQUESTS || bytes >= maxBytes)) {
            isReading = false;
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Passes on waiting requests. Uses a loop to avoid recursion: an immediate response calls this method again. */
    private void drain(ChannelHandlerContext ctx) {
        ArrayDeque<HttpObject> queue = waiting;
        if (queue == null || isDraining) {
            return;
        }
        isDraining = true;
        try {
            while (mayPass(ctx) && !queue.isEmpty()) {
                HttpObject object = queue.remove();
                count(object, -1);
                pass(ctx, object);
            }
        } finally {
            isDraining = false;
        }
        if (!isReading && requests < MAX_REQUESTS && bytes < maxBytes) {
            isReading = true;
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void count(HttpObject object, int sign) {
        if (object instanceof HttpRequest request) {
            requests += sign;
            bytes += sign * (OVERHEAD + request.uri().length());
        }
        if (object instanceof HttpContent content) {
            bytes += sign * content.content().readableBytes();
        }
    }

    private void release() {
        ArrayDeque<HttpObject> queue = waiting;
        waiting = null;
        while (queue != null && !queue.isEmpty()) {
            ReferenceCountUtil.release(queue.remove());
        }
    }
}
