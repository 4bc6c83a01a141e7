package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Records the calls to a subscriber, so that a test can take them step by step.
 *
 * <p>The recorder also checks the promises made to every subscriber: there is one call at a time, no batch when the
 * subscriber is not ready, and no call after the last one. Each batch continues exactly where the previous delivery
 * ended, and is no larger than one write.
 */
public final class SubscriberRecorder implements Subscriber {
    private static final long PATIENCE_SECONDS = 10;
    private static final Object CLOSED = "closed";

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean ready = true;
    private volatile boolean closed;
    private volatile MessageId position;
    private volatile Consumer<Delivery> reaction = delivery -> {};

    /** @param start the position from which the first batch must continue; null to skip this check */
    public SubscriberRecorder(MessageId start) {
        this.position = start;
    }

    public SubscriberRecorder() {
        this(null);
    }

    /**
     * Sets whether the subscriber is ready for deliveries. The caller then calls {@link Subscription#resume()} if it is
     * ready again.
     */
    public void ready(boolean takesMore) {
        ready = takesMore;
    }

    /** Runs the reaction at the end of each delivery, on the thread of the call. The call throws what it throws. */
    public void react(Consumer<Delivery> toDelivery) {
        reaction = toDelivery;
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void onBatch(Batch batch) {
        called(() -> {
            check(ready, "a batch though it was not ready");
            check(!batch.isEmpty(), "an empty batch");
            check(
                    position == null || batch.from().equals(position),
                    "a batch from " + batch.from() + " at " + position);
            int bytes = batch.entries().stream().mapToInt(e -> e.json().length).sum();
            check(batch.entries().size() == 1 || bytes <= Limit.WRITE.bytes(), "a batch of " + bytes + " bytes");
            MessageId before = batch.from();
            for (Entry entry : batch.entries()) {
                check(entry.id().isAfter(before), entry.id() + " after " + before);
                before = entry.id();
            }
            check(batch.to().equals(before), "a batch to " + batch.to() + " that ends at " + before);
            position = batch.to();
            events.addAll(batch.entries());
            reaction.accept(batch);
        });
    }

    @Override
    public void onGap(Gap gap) {
        called(() -> {
            check(position == null || !position.isAfter(gap.to()), "a gap back to " + gap.to() + " from " + position);
            position = gap.to();
            events.add(gap);
            reaction.accept(gap);
        });
    }

    @Override
    public void onClose() {
        called(() -> {
            closed = true;
            events.add(CLOSED);
        });
    }

    /** Takes the next {@code count} entries. */
    public List<Entry> awaitEntries(int count) {
        List<Entry> taken = new ArrayList<>();
        while (taken.size() < count) {
            Object event = next("entry " + (taken.size() + 1) + " of " + count);
            assertThat(event).as("entry %s of %s", taken.size() + 1, count).isInstanceOf(Entry.class);
            taken.add((Entry) event);
        }
        return taken;
    }

    /** Takes the next {@code count} entries and returns their bodies. */
    public List<String> awaitBodies(int count) {
        return awaitEntries(count).stream().map(e -> e.message().body()).toList();
    }

    /** Takes the next event, which must be a gap. */
    public Gap awaitGap() {
        Object event = next("a gap");
        assertThat(event).isInstanceOf(Gap.class);
        return (Gap) event;
    }

    /** Takes the next event, which must be the close and the last event. */
    public void awaitClose() {
        assertThat(next("the end")).isEqualTo(CLOSED);
        assertExhausted();
    }

    /** Asserts that every event has been taken and no promise was broken. */
    public void assertExhausted() {
        assertThat(broken).isEmpty();
        assertThat(events).isEmpty();
    }

    /** The number of events that have not been taken yet. */
    public int size() {
        return events.size();
    }

    private Object next(String what) {
        try {
            Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(broken).isEmpty();
            assertThat(event).as(what).isNotNull();
            return event;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted waiting for " + what, e);
        }
    }

    private void called(Runnable call) {
        check(busy.compareAndSet(false, true), "two calls at a time");
        check(!closed, "a call after the last");
        try {
            call.run();
        } finally {
            busy.set(false);
        }
    }

    private void check(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }
}
