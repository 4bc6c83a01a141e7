package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/** The connections of a server, regardless of their current protocol. Safe for any thread. */
final class Connections implements ChannelFutureListener {
    private final int max;
    private final Events events;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile boolean draining;

    Connections(int max, Events events) {
        this.max = max;
        this.events = events;
    }

    /** @return false when the connection must not be served; the caller closes it */
    boolean add(Channel channel) {
        if (draining) {
            return false;
        }
        if (open.size() >= max) {
            events.report(listener -> listener.limitReached(ServerListener.Bound.CONNECTIONS));
            return false;
        }
        open.add(channel);
        events.report(ServerListener::connectionOpened);
        channel.closeFuture().addListener(this);
        if (draining) {
            // The drain may have notified the open connections just before this one was added.
            tell(channel);
        }
        return true;
    }

    /**
     * Accepts no more connections, and notifies the open connections of the drain.
     *
     * @return completes when all connections are closed
     */
    CompletableFuture<Void> drain() {
        draining = true;
        // A connection whose event loop is dead never reports that it is closed, so it is not waited for.
        open.removeIf(channel -> !tell(channel));
        completeIfGone();
        return gone;
    }

    /** Returns the number of open connections. */
    int size() {
        return open.size();
    }

    private static boolean tell(Channel channel) {
        CloseCause.DRAINING.markOn(channel);
        try {
            channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(ServerEvent.DRAINING));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        Channel channel = closed.channel();
        open.remove(channel);
        events.report(listener -> listener.connectionClosed(CloseCause.of(channel)));
        completeIfGone();
    }

    private void completeIfGone() {
        if (draining && open.isEmpty()) {
            gone.complete(null);
        }
    }
}
