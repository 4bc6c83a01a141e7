package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Writes one live event to sessions of one event loop, a few at a time. The event is encoded once for each transport.
 * Confined to the loop.
 */
final class LiveDelivery implements Runnable {
    /** The number of writes, each a system call, after which the loop polls its sockets. */
    private static final int WRITES_PER_TURN = 64;

    private final EventLoop loop;
    private final LiveEvent event;
    private final List<SessionEntry> targets;
    private final Runnable done;
    private final Map<String, ByteBuf> encoded = new HashMap<>(4);
    private int next;

    /**
     * @param targets the sessions; a session that closes meanwhile is left out
     * @param done called once after the last write
     */
    LiveDelivery(EventLoop loop, LiveEvent event, List<SessionEntry> targets, Runnable done) {
        this.loop = loop;
        this.event = event;
        this.targets = targets;
        this.done = done;
    }

    @Override
    public void run() {
        int end = Math.min(targets.size(), next + WRITES_PER_TURN);
        while (next < end) {
            send(targets.get(next++));
        }
        if (next == targets.size()) {
            finish();
            return;
        }
        try {
            NextPoll.after(loop, this);
        } catch (RejectedExecutionException e) { // the loop has ended, and its sessions with it
            finish();
        }
    }

    private void send(SessionEntry target) {
        Peer peer = target.peer();
        try {
            if (target.isOpen() && peer.takes(event.type())) {
                peer.offer(encoded.computeIfAbsent(
                        peer.transport(), transport -> peer.encode(event, PooledByteBufAllocator.DEFAULT)));
            }
        } catch (RuntimeException e) { // one session's fault must not stop the delivery to the others
            Faults.log(LiveDelivery.class, "A live event could not be sent", e);
        }
    }

    private void finish() {
        encoded.values().forEach(ByteBuf::release);
        encoded.clear();
        done.run();
    }
}
