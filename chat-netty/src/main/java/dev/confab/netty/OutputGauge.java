package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Counts the bytes of a connection that its socket has not yet taken. The first handler of a connection. Confined to
 * the event loop.
 */
final class OutputGauge extends ChannelOutboundHandlerAdapter implements Holder {
    private final Channel channel;
    private final Holding holding;

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    OutputGauge(Channel channel, Budget output) {
        this.channel = channel;
        this.holding = new Holding(output.on(channel.eventLoop()), this);
        channel.closeFuture().addListener(closed -> holding.clear());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending != null && pending.size() == 0) {
            // The socket has taken all bytes flushed before, so the time for which bytes are held starts again.
            holding.clear();
        }
        ctx.flush();
        holding.update();
        if (holding.isExhausted(0)) {
            CloseCause.OVERLOADED.markOn(channel);
            ctx.close();
        }
    }

    @Override
    public long held() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /**
     * Closes without a notice, because the client does not read. The client can reconnect with its cursor. The close
     * starts at this handler, because a TLS handler would wait for the client to take its notice.
     */
    @Override
    public void giveUp() {
        CloseCause.OVERLOADED.markOn(context.channel());
        context.close();
    }
}
