package dev.confab.core;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader's cursor, with a wake-up: never a queue. Late, slow and live are the same loop: while the subscriber is ready it
 * gets what is after the cursor, from memory or from the store.
 *
 * <p>Its methods may be called from any thread, the subscriber's calls included.
 */
public final class Subscription implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final Executor executor;
    private final Subscriber subscriber;
    private final Consumer<Runnable> later;
    private final Consumer<Subscription> forget;
    private final Feed feed;

    /**
     * Wishes to run that are not yet served; the one that makes it 1 starts the loop, so there is never a second one. The first
     * is {@link #start}'s: a wake-up during construction only counts.
     */
    private final AtomicInteger wishes = new AtomicInteger(1);

    private volatile MessageId cursor;
    /** Where the subscriber was told to be; the cursor may be further when nothing of its rooms lies between. Of the loop. */
    private MessageId told;

    private volatile boolean closed;
    private volatile boolean ended;
    private volatile boolean loading;
    private volatile @Nullable Delivery loaded;

    /**
     * @param feeds makes the feed that runs a wake-up
     * @param later runs a task after a while, before a read is tried again
     * @param forget told when this is closed, more than once perhaps
     */
    Subscription(
            Position position,
            Executor executor,
            Subscriber subscriber,
            Function<Runnable, Feed> feeds,
            Consumer<Runnable> later,
            Consumer<Subscription> forget) {
        this.executor = executor;
        this.subscriber = subscriber;
        this.cursor = position.cursor();
        this.told = position.cursor();
        this.loaded = position.gap();
        this.later = later;
        this.forget = forget;
        this.feed = feeds.apply(this::resume);
    }

    /** Behind what the subscriber got last, and behind what was looked at since and is not of its rooms. */
    public MessageId cursor() {
        return cursor;
    }

    /** The subscriber is ready again. Harmless when it is not, and when nothing is there. */
    public void resume() {
        if (wishes.getAndIncrement() == 0) {
            start();
        }
    }

    /** Ends it: on the executor no call begins after this; on another thread one may be under way. Idempotent. */
    @Override
    public void close() {
        closed = true;
        feed.close();
        forget.accept(this);
    }

    /** Runs what is wished for so far. Called once after construction. */
    void start() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    /** The service closes: the subscriber gets its last call. */
    void end() {
        ended = true;
        resume();
    }

    private void run() {
        int served = wishes.get();
        do {
            try {
                deliver();
            } catch (Throwable e) { // a subscriber's fault ends its subscription only
                LOG.warn("A subscriber failed and is closed", e);
                close();
            }
            served = wishes.addAndGet(-served);
        } while (served != 0);
    }

    private void deliver() {
        while (!closed && !ended && subscriber.isReady()) {
            Delivery delivery = next();
            if (delivery == null) {
                return;
            }
            cursor = delivery.to();
            if (delivery instanceof Gap gap) {
                told = gap.to();
                subscriber.onGap(gap);
            } else if (delivery instanceof Batch batch && !batch.isEmpty()) {
                Batch next = batch.from(told);
                told = batch.to();
                subscriber.onBatch(next);
            }
        }
        if (ended && !closed) {
            close();
            subscriber.onClose();
        }
    }

    /** What to deliver now, or null: then a wake-up comes. */
    private @Nullable Delivery next() {
        // Before the look at what was loaded, as a load sets that first: else one that ends in between would be made
        // again from
        // the same cursor, and its entries would come twice.
        if (loading) {
            return null;
        }
        Delivery delivery = loaded;
        if (delivery != null) {
            loaded = null;
            return delivery;
        }
        Batch batch = feed.read(cursor, Limit.WRITE);
        if (batch == null) {
            load();
            return null;
        }
        return batch.isEmpty() ? null : batch;
    }

    private void load() {
        loading = true;
        feed.load(cursor, Limit.WRITE).whenComplete((delivery, failure) -> {
            if (failure == null) {
                loaded = delivery;
                loading = false;
                resume();
            } else if (!closed) {
                later.accept(() -> {
                    loading = false;
                    resume();
                });
            }
        });
    }
}
