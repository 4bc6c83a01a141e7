package dev.confab.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops of a server. They report when an event loop ends by a failure. Safe for any thread. */
final class EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

    /** The time that a loop has, at shutdown, for its remaining tasks. */
    private static final long TASKS_SECONDS = 2;

    /** The time after which the shutdown abandons a loop that has not ended. */
    private static final long END_SECONDS = 3;

    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final int count;

    /** @param workers the number of loops that serve connections; one further loop accepts connections */
    EventLoops(int workers, IoHandlerFactory handlers) {
        this.acceptor = new Group(1, "confab-accept", handlers, failure);
        this.workers = new Group(workers, "confab-io", handlers, failure);
        this.count = workers;
    }

    /** Returns the number of loops that serve connections. */
    int count() {
        return count;
    }

    /**
     * The separate loop that accepts connections, so that a new connection does not wait for the other connections'
     * work.
     */
    EventLoopGroup acceptor() {
        return acceptor;
    }

    EventLoopGroup workers() {
        return workers;
    }

    /** Completes on the thread of the first loop that fails, with the cause. A loop that is shut down does not fail. */
    CompletableFuture<Throwable> failure() {
        return failure;
    }

    /** Closes all connections and ends the loops. Returns after a limited time, even when a loop hangs. */
    void shutDown() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        List<Future<?>> ended = List.of(shutDown(acceptor), shutDown(workers));
        for (Future<?> group : ended) {
            if (!group.awaitUninterruptibly(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                LOG.warn("An event loop did not end within {} s and is abandoned", END_SECONDS);
            }
        }
    }

    private static Future<?> shutDown(EventLoopGroup group) {
        return group.shutdownGracefully(0, TASKS_SECONDS, TimeUnit.SECONDS);
    }

    private static final class Group extends MultiThreadIoEventLoopGroup {
        /** The superclass creates the loops in its constructor, so the future has to be passed as an argument. */
        Group(int loops, String name, IoHandlerFactory handlers, CompletableFuture<Throwable> failure) {
            super(loops, new DefaultThreadFactory(name), handlers, failure);
        }

        @Override
        protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... args) {
            @SuppressWarnings("unchecked") // the argument that the constructor passed
            CompletableFuture<Throwable> reported = (CompletableFuture<Throwable>) args[0];
            return new Loop(this, executor, handlers, reported);
        }
    }

    private static final class Loop extends SingleThreadIoEventLoop {
        private final CompletableFuture<Throwable> failure;

        Loop(
                IoEventLoopGroup parent,
                Executor executor,
                IoHandlerFactory handlers,
                CompletableFuture<Throwable> failure) {
            super(parent, executor, handlers);
            this.failure = failure;
        }

        @Override
        protected void run() {
            try {
                super.run();
            } catch (Throwable e) {
                failure.complete(e);
                throw e;
            }
        }
    }
}
