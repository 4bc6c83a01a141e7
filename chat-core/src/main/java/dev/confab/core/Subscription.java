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
 * The cursor of one reader, with a wake-up. A subscription has no queue. Late, slow and live readers use the same loop:
 * while the subscriber is ready, the loop delivers the entries after the cursor, from memory or from the store.
 *
 * <p>All methods may be called from any thread, and also from within the subscriber's methods.
 */
public final class Subscription implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final Executor executor;
    private final Subscriber subscriber;
    private final Consumer<Runnable> later;
    private final Consumer<Subscription> forget;
    private final Feed feed;

    /**
     * The number of wake-ups that are not served yet. The wake-up that raises the number from 0 to 1 starts the loop,
     * so that only one loop runs. The first wake-up belongs to {@link #start}, so that a wake-up during construction is
     * only counted.
     */
    private final AtomicInteger wishes = new AtomicInteger(1);

    private volatile MessageId cursor;
    /**
     * The id at which the subscriber's next batch begins. The cursor may be further when no entry of the subscriber's
     * rooms lies between the two. Only the loop uses this field.
     */
    private MessageId told;

    private volatile boolean closed;
    private volatile boolean ended;
    private volatile boolean loading;
    private volatile @Nullable Delivery loaded;

    /**
     * @param feeds creates the feed, which runs the given wake-up when there are new entries
     * @param later runs a task after a delay; used to try a failed read again
     * @param forget called when the subscription is closed, possibly more than once
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

    /**
     * Returns the id after which the subscription continues. Entries up to this id were delivered, or belong to rooms
     * that the subscriber does not read.
     */
    public MessageId cursor() {
        return cursor;
    }

    /**
     * Continues the delivery when the subscriber is ready again. A call is harmless when the subscriber is not ready,
     * or when there are no new entries.
     */
    public void resume() {
        if (wishes.getAndIncrement() == 0) {
            start();
        }
    }

    /**
     * Ends the subscription. After a call from the executor, no method of the subscriber is called. After a call from
     * another thread, a method that is already running may still finish. Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        feed.close();
        forget.accept(this);
    }

    /** Starts the loop for the wake-ups so far. Called once after construction. */
    void start() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    /** Makes the last call of the subscriber, because the service closes. */
    void end() {
        ended = true;
        resume();
    }

    private void run() {
        int served = wishes.get();
        do {
            try {
                deliver();
            } catch (Throwable e) { // a subscriber that fails ends its own subscription only
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

    /** Returns the next delivery. Null means that there is none now; a wake-up follows when there is one. */
    private @Nullable Delivery next() {
        // "loading" is checked before "loaded", because a load sets "loaded" before it resets "loading". With the other
        // order, a load that ends between the two checks would be repeated from the same cursor, and its entries would
        // be delivered twice.
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
