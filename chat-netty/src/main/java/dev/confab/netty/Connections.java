package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/** The connections of a server, whatever they speak by now. Safe for any thread. */
final class Connections implements ChannelFutureListener {
    private final int max;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile boolean draining;

    Connections(int max) {
        this.max = max;
    }

    /** @return false when it is not to be served, and to be closed */
    boolean add(Channel channel) {
        if (draining || open.size() >= max) {
            return false;
        }
        open.add(channel);
        channel.closeFuture().addListener(this);
        return true;
    }

    /** Takes no more, and tells those that are there.
     *
     * @return completes when all are closed
     */
    CompletableFuture<Void> drain() {
        draining = true;
        // When its event loop is dead, nobody will ever tell that a connection is closed.
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
