package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;

/**
 * The moment when an event loop has read all bytes that its sockets hold now. Code that ends a connection waits for
 * this moment: if a connection is closed while a request in it is unread, TCP resets the connection, and the client
 * gets no response.
 */
final class NextPoll {
    private NextPoll() {}

    /** Runs {@code task} on the loop, after the loop has polled its sockets once more. Must be called on the loop. */
    static void after(EventLoop loop, Runnable task) {
        if (loop instanceof SingleThreadEventLoop single) {
            single.executeAfterEventLoopIteration(() -> loop.execute(task));
        } else {
            loop.execute(task);
        }
    }
}
