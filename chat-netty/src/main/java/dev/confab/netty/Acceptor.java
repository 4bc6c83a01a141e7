package dev.confab.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pauses accepting when a connection cannot be accepted, for example when no file descriptor is free, and logs a line
 * at a limited rate. This handler stands before Netty's own handler of the listener, which would log a warning for each
 * attempt. Confined to the event loop.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    /** A connection that cannot be accepted stays in the backlog, so an immediate next attempt would fail too. */
    private static final long PAUSE_MILLIS = 1_000;

    private final LogRate rate;

    Acceptor(LogRate rate) {
        this.rate = rate;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        long failures = rate.count();
        if (failures > 0) {
            LOG.warn(
                    "New connections have to wait: {} (attempts since the last report: {})."
                            + " With too many open files, raise the limit (ulimit -n) above maxConnections",
                    String.valueOf(cause.getMessage()),
                    failures);
        }
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
            ctx.executor()
                    .schedule(() -> ctx.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
