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
 * Records what a subscriber is told, for a test to take step by step, and checks what every subscriber was promised: one call at
 * a time, none when it is not ready, batches that continue exactly, no larger than one write, nothing after the last call.
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

    /** @param start where the first batch continues; null when that is not to be checked */
    public SubscriberRecorder(MessageId start) {
        this.position = start;
    }

    public SubscriberRecorder() {
        this(null);
    }

    /** Takes no more, or does so again; then {@link Subscription#resume()} is the caller's. */
    public void ready(boolean takesMore) {
        ready = takesMore;
    }

    /** Does this at the end of each call, on its thread; what it throws, the call throws. */
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

    /** The next {@code count} entries. */
    public List<Entry> awaitEntries(int count) {
        List<Entry> taken = new ArrayList<>();
        while (taken.size() < count) {
            Object event = next("entry " + (taken.size() + 1) + " of " + count);
            assertThat(event).as("entry %s of %s", taken.size() + 1, count).isInstanceOf(Entry.class);
            taken.add((Entry) event);
        }
        return taken;
    }

    /** The next {@code count} entries' bodies. */
    public List<String> awaitBodies(int count) {
        return awaitEntries(count).stream().map(e -> e.message().body()).toList();
    }

    /** The next event, a gap. */
    public Gap awaitGap() {
        Object event = next("a gap");
        assertThat(event).isInstanceOf(Gap.class);
        return (Gap) event;
    }

    /** The next event, the last one. */
    public void awaitClose() {
        assertThat(next("the end")).isEqualTo(CLOSED);
        assertExhausted();
    }

    /** Nothing was told that was not taken, and no promise was broken. */
    public void assertExhausted() {
        assertThat(broken).isEmpty();
        assertThat(events).isEmpty();
    }

    /** How many events wait to be taken. */
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
