package dev.confab.websocket;

import dev.confab.core.Published;
import dev.confab.websocket.ClientFrame.Tag;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the outcomes of publishes to the sessions of one event loop, in the order in which they became known.
 * Outcomes that become known together, such as those of one commit, need only one task of the loop and one flush of
 * each session. Safe for any thread.
 */
final class AckQueue {
    private static final Logger LOG = LoggerFactory.getLogger(AckQueue.class);

    private final EventLoop loop;
    private final Queue<Outcome> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    AckQueue(EventLoop loop) {
        this.loop = loop;
    }

    /** Adds the outcome of a publish. The session gets the outcome on the event loop, unless the loop has ended. */
    void add(Session session, Tag tag, @Nullable Published published, @Nullable Throwable failure) {
        queue.add(new Outcome(session, tag, published, failure));
        if (scheduled.compareAndSet(false, true)) {
            try {
                loop.execute(this::run);
            } catch (RejectedExecutionException e) {
                LOG.debug("The event loop ended before the outcome of a publish was delivered", e);
            }
        }
    }

    private void run() {
        // Cleared before the first poll: an outcome that is added later is found by this run or schedules another run.
        scheduled.set(false);
        List<Session> unflushed = new ArrayList<>();
        Outcome next = queue.poll();
        while (next != null) {
            if (!next.session.isUnflushed()) {
                unflushed.add(next.session);
            }
            next.session.decided(next.tag, next.published, next.failure);
            next = queue.poll();
        }
        unflushed.forEach(Session::flush);
    }

    private record Outcome(
            Session session,
            Tag tag,
            @Nullable Published published,
            @Nullable Throwable failure) {}
}
