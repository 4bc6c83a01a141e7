package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Writes the responses of a connection: as bytes, or as objects when the pipeline has a foreign encoder. Confined to
 * the event loop.
 */
final class ResponseWriter {
    /**
     * A body up to this size, in bytes, is copied into the buffer of the head, because one buffer is cheaper than two.
     */
    private static final int COPIED = 4 << 10;

    private final ChannelHandlerContext context;
    private final @Nullable ChannelHandler outermost;
    private final boolean isOwn;
    private final Origins origins;
    private @Nullable SocketOutput output;
    private @Nullable String granted;
    private long unwritten;
    private boolean isLast;

    /** Whether responses wait to be flushed, together with the responses to requests that arrived at the same time. */
    private boolean isUnflushed;

    /**
     * @param outermost our own handler that is the first in the pipeline; null when foreign handlers have to see the
     *     responses as objects
     */
    ResponseWriter(ChannelHandlerContext context, @Nullable ChannelHandler outermost, Origins origins) {
        this.context = context;
        this.outermost = outermost;
        this.isOwn = outermost != null;
        this.origins = origins;
    }

    /** @param origin the foreign origin of the current request, if it is allowed; otherwise null */
    void grant(@Nullable String origin) {
        granted = origin;
    }

    /** Returns whether the response gets headers that depend on the origin of the request. */
    boolean isGranting() {
        return granted != null;
    }

    /** Makes the response that is written next the last one of its connection. */
    void setLast() {
        isLast = true;
    }

    /** Returns whether the connection is closed after the current response. */
    boolean isLast() {
        return isLast;
    }

    /**
     * Writes a response that is sent with the next {@link #flush}.
     *
     * @param answer is released here
     */
    void write(Response answer, boolean isHttp11, boolean isHeadRequest) {
        isUnflushed = true;
        origins.addTo(answer, granted);
        @Nullable CharSequence connection = ResponseEncoder.connection(!isLast, isHttp11);
        if (!isOwn) {
            writeObjects(answer, connection, isHeadRequest);
            return;
        }
        ByteBuf body = answer.body();
        int size = body.readableBytes();
        boolean isCopied = !isHeadRequest && size <= COPIED;
        ByteBuf head = ResponseEncoder.head(answer, connection, context.alloc(), isCopied ? size : 0);
        if (isCopied) {
            head.writeBytes(body);
        }
        context.write(head, context.voidPromise());
        if (isCopied || isHeadRequest) {
            body.release();
        } else {
            context.write(body, context.voidPromise());
        }
    }

    private void writeObjects(Response answer, @Nullable CharSequence connection, boolean isHeadRequest) {
        if (isHeadRequest) {
            // Only some of the foreign encoders know that the request was a HEAD request.
            context.write(ResponseEncoder.responseHead(answer, connection));
            context.write(LastHttpContent.EMPTY_LAST_CONTENT);
            answer.release();
        } else {
            context.write(ResponseEncoder.response(answer, connection));
        }
    }

    /** @param response a complete response; is written and flushed, and released here */
    void writeWhole(ByteBuf response) {
        if (output == null && outermost != null) {
            output = SocketOutput.of(context.channel(), outermost);
        }
        int sent = output == null ? 0 : output.write(response);
        if (sent < response.readableBytes()) {
            context.writeAndFlush(response.skipBytes(sent), context.voidPromise());
        } else {
            response.release();
        }
    }

    /** Writes the head of a response in parts. */
    void begin(Response head, int length, boolean isHttp11) {
        origins.addTo(head, granted);
        @Nullable CharSequence connection = ResponseEncoder.connection(!isLast, isHttp11);
        if (isOwn) {
            context.write(ResponseEncoder.lengthHead(head, connection, length, context.alloc()), context.voidPromise());
        } else {
            context.write(ResponseEncoder.responseHead(head, connection, length));
        }
        head.release();
    }

    /** @param part is written and flushed, and released here */
    void part(ByteBuf part) {
        if (isOwn) {
            context.writeAndFlush(part, context.voidPromise());
        } else {
            context.writeAndFlush(new DefaultHttpContent(part));
        }
    }

    void end() {
        if (!isOwn) {
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Writes the response 100, which lets a client send the body that it announced. */
    void writeInterim() {
        if (isOwn) {
            writeWhole(ResponseEncoder.interim(context.alloc()));
        } else {
            context.writeAndFlush(ResponseEncoder.response(Response.of(HttpResponseStatus.CONTINUE), null));
        }
    }

    ChannelHandlerContext takeOver(Response head, ChannelHandler... successors) {
        origins.addTo(head, granted);
        return HttpUpgrade.run(context, head, successors);
    }

    void flush() {
        if (isUnflushed) {
            isUnflushed = false;
            context.flush();
        }
    }

    /** Flushes. The future completes when all bytes are written. */
    ChannelFuture finish() {
        isUnflushed = false;
        return context.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }

    /** Returns whether the client has taken any of the written bytes since the last call. */
    boolean advances() {
        ChannelOutboundBuffer pending = context.channel().unsafe().outboundBuffer();
        long before = unwritten;
        // The total includes the first buffer until all of it is sent, so the part already sent is subtracted here.
        unwritten = pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
        return unwritten < before;
    }
}
