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
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile boolean draining;

    Connections(int max) {
        this.max = max;
    }

    /** @return false when the connection must not be served; the caller closes it */
    boolean add(Channel channel) {
        if (draining || open.size() >= max) {
            return false;
        }
        open.add(channel);
        channel.closeFuture().addListener(this);
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

    private static boolean tell(Channel channel) {
        try {
            channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(ServerEvent.DRAINING));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        open.remove(closed.channel());
        completeIfGone();
    }

    private void completeIfGone() {
        if (draining && open.isEmpty()) {
            gone.complete(null);
        }
    }
}
