package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.Iterator;
import java.util.Map;

/** Notices what a connection's socket does not take. The first handler of a connection. Confined to the event loop. */
final class OutputGauge extends ChannelOutboundHandlerAdapter implements Holder {
    private final Channel channel;
    private final Holding holding;

    OutputGauge(Channel channel, Budget output) {
        this.channel = channel;
        this.holding = new Holding(output.on(channel.eventLoop()), this);
        channel.closeFuture().addListener(closed -> holding.clear());
    }

    /** Whether a handler is the first of a pipeline, but for a gauge. */
    static boolean isFirst(ChannelPipeline pipeline, ChannelHandler handler) {
        ChannelHandler first = pipeline.first();
        if (!(first instanceof OutputGauge)) {
            return first == handler;
        }
        Iterator<Map.Entry<String, ChannelHandler>> handlers = pipeline.iterator();
        handlers.next();
        return handlers.hasNext() && handlers.next().getValue() == handler;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending != null && pending.size() == 0) {
            // All that was flushed before has been taken: what is held from now on is new.
            holding.clear();
        }
        ctx.flush();
        holding.update();
        if (holding.isExhausted()) {
            ctx.close();
        }
    }

    @Override
    public long held() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /** The client reads nothing, so it could not be told anything. It comes back with its cursor. */
    @Override
    public void giveUp() {
        channel.close();
    }
}
