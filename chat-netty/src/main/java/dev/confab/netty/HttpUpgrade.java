package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Ends HTTP on a connection that continues with another protocol. */
final class HttpUpgrade {
    /**
     * The HTTP handlers that a pipeline may have before ours. The encoder comes first, because it leaves no bytes
     * behind.
     */
    private static final List<Class<? extends ChannelHandler>> HTTP = List.of(
            HttpResponseEncoder.class, PipeliningHandler.class, HttpRequestDecoder.class, HttpServerCodec.class);

    private HttpUpgrade() {}

    /** @param context the context that the successors replace */
    static ChannelHandlerContext run(ChannelHandlerContext context, Response head, ChannelHandler... successors) {
        ChannelPipeline pipeline = context.pipeline();
        send(outermost(context), head);
        for (ChannelHandler successor : successors) {
            pipeline.addBefore(context.name(), null, successor);
        }
        pipeline.remove(context.handler());
        // A decoder that is removed passes its remaining bytes on.
        for (Class<? extends ChannelHandler> type : HTTP) {
            ChannelHandlerContext found = pipeline.context(type);
            if (found != null) {
                pipeline.remove(found.handler());
            }
        }
        if (!context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(true);
        }
        return Objects.requireNonNull(pipeline.context(successors[successors.length - 1]));
    }

    private static void send(ChannelHandlerContext outermost, Response head) {
        ByteBuf bytes = ResponseEncoder.streamHead(head, connection(head), outermost.alloc());
        outermost.write(bytes);
        if (head.body().isReadable()) {
            outermost.write(head.body());
        } else {
            head.release();
        }
        outermost.flush();
    }

    private static @Nullable CharSequence connection(Response head) {
        boolean saysItself = head.has(HttpHeaderNames.CONNECTION) || head.has(HttpHeaderNames.TRANSFER_ENCODING);
        return saysItself ? null : HttpHeaderValues.CLOSE;
    }

    /** Returns the context from which a write bypasses every HTTP encoder. */
    private static ChannelHandlerContext outermost(ChannelHandlerContext context) {
        for (Class<? extends ChannelHandler> type : List.of(HttpServerCodec.class, HttpResponseEncoder.class)) {
            ChannelHandlerContext found = context.pipeline().context(type);
            if (found != null) {
                return found;
            }
        }
        return context;
    }
}
