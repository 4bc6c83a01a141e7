package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;

/**
 * The moment when an event loop has read what its sockets hold by now. Who ends a connection waits for it: closed over a
 * request that nobody has read, TCP resets the connection, and the client is left without an answer.
 */
final class NextPoll {
    private NextPoll() {}

    /** Runs {@code task} on the loop, after it has polled its sockets once more. To be called on the loop. */
    static void after(EventLoop loop, Runnable task) {
        if (loop instanceof SingleThreadEventLoop single) {
            single.executeAfterEventLoopIteration(() -> loop.execute(task));
        } else {
            loop.execute(task);
        }
    }
}
