package dev.confab.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;

/** Holds up flushes until the test opens it, like a client that does not read. */
final class Valve extends ChannelOutboundHandlerAdapter {
    private boolean isOpen;

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (isOpen) {
            ctx.flush();
        }
    }

    void open(EmbeddedChannel channel) {
        isOpen = true;
        channel.flush();
    }
}
