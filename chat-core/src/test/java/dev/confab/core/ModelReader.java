package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** A subscriber that records its batches and gaps, to compare them with the whole log at the end. */
final class ModelReader implements Subscriber {
    final ManualExecutor loop = new ManualExecutor();
    final RoomSet rooms;
    Subscription subscription;
    boolean ready = true;
    boolean left;
    int entries;
    int gaps;

    private final List<Delivery> told = new ArrayList<>();

    ModelReader(RoomSet rooms) {
        this.rooms = rooms;
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void onBatch(Batch batch) {
        assertThat(left).as("a call after close").isFalse();
        entries += batch.entries().size();
        told.add(batch);
    }

    @Override
    public void onGap(Gap gap) {
        gaps++;
        told.add(gap);
    }

    void wake() {
        if (subscription != null) {
            subscription.resume();
        }
    }

    void leave() {
        if (subscription != null) {
            subscription.close();
            left = true;
        }
    }

    /** Asserts that the deliveries fit the log, and are complete if the reader is still subscribed and ready. */
    void assertComplete(List<Message> log) {
        MessageId position = null;
        for (Delivery delivery : told) {
            if (delivery instanceof Batch batch) {
                if (position != null) {
                    assertThat(batch.from()).as("where the batch continues").isEqualTo(position);
                }
                assertThat(batch.entries())
                        .extracting(Entry::message)
                        .isEqualTo(between(log, batch.from(), batch.to()));
            } else if (position != null) {
                assertThat(delivery.to().isAfter(position)).isTrue();
            }
            position = delivery.to();
        }
        if (subscription != null && ready && !left) {
            assertThat(between(log, subscription.cursor(), MessageId.MAX))
                    .as("what it was not told")
                    .isEmpty();
            if (position != null) {
                assertThat(between(log, position, MessageId.MAX)).isEmpty();
            }
        }
    }

    private List<Message> between(List<Message> log, MessageId from, MessageId to) {
        return log.stream()
                .filter(m -> rooms.rooms().contains(m.room()) && m.id().isAfter(from) && !m.id().isAfter(to))
                .toList();
    }
}
