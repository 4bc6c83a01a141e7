package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a listener accepts connections. This handler stands before Netty's own handler of the listener. Confined
 * to the event loop of the listener.
 *
 * <ul>
 *   <li>When a connection cannot be accepted, for example because no file descriptor is free, accepting pauses, and a
 *       line is logged at a limited rate. Netty would log a warning for each attempt.
 *   <li>Accepting also pauses while many accepted connections wait for their first turn. Otherwise an event loop would
 *       have to register thousands of new connections, and read their first bytes, before it reads again from a
 *       connection that it already serves.
 * </ul>
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    /** A connection that cannot be accepted stays in the backlog, so an immediate next attempt would fail too. */
    private static final long PAUSE_MILLIS = 1_000;

    /**
     * The number of accepted connections, for each event loop that serves them, that may wait for their first turn.
     * Further connections stay in the backlog of the listener.
     */
    static final int WAITING_PER_LOOP = 64;

    private final LogRate rate;
    private final int maxWaiting;
    private int waiting;
    private boolean isFailing;

    /** @param loops the number of event loops that serve the connections */
    Acceptor(LogRate rate, int loops) {
        this.rate = rate;
        this.maxWaiting = loops * WAITING_PER_LOOP;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        ctx.fireChannelRead(accepted);
        if (accepted instanceof Channel channel && channel.isOpen()) {
            waiting++;
            update(ctx);
            EventLoop loop = channel.eventLoop();
            // The loop registers the connection first, because that task was submitted before this one.
            execute(
                    loop,
                    () -> NextPoll.after(
                            loop,
                            () -> execute(ctx.channel().eventLoop(), () -> {
                                waiting--;
                                update(ctx);
                            })));
        }
    }

    private static void execute(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loop ended while connections were accepted", e);
        }
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
        if (!isFailing) {
            isFailing = true;
            update(ctx);
            ctx.executor()
                    .schedule(
                            () -> {
                                isFailing = false;
                                update(ctx);
                            },
                            PAUSE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void update(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(!isFailing && waiting < maxWaiting);
    }
}
