package dev.confab.sse;

import dev.confab.netty.Faults;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only handler that remains in the pipeline of a stream. Passes events of the channel to the stream. */
final class StreamHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

    private final SseHandler handler;
    private final Stream stream;

    StreamHandler(SseHandler handler, Stream stream) {
        this.handler = handler;
        this.stream = stream;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        stream.writeTo(context);
        handler.opened();
    }

    /** Called also when the channel is closed, no matter which side closed it. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        handler.closed(stream);
    }

    /** Discards data that the client sends after its request. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        stream.writabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Stream lost", cause);
        } else {
            Faults.log(StreamHandler.class, "Stream closed after a failure", cause);
        }
        context.close();
    }
}
