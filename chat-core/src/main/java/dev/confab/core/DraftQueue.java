package dev.confab.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The drafts of a {@link Sequencer} that wait for the store, and the bound on the drafts that are not completed. Every
 * method is called with the sequencer's lock held.
 */
final class DraftQueue {
    private final int maxDrafts;
    private final long maxBytes;
    private final ArrayDeque<PendingDraft> waiting = new ArrayDeque<>();
    /** The number and bytes of the drafts that are not completed, whether they wait or are passed to the store. */
    private int drafts;

    private long bytes;

    DraftQueue(int maxDrafts, long maxBytes) {
        this.maxDrafts = maxDrafts;
        this.maxBytes = maxBytes;
    }

    /** Returns whether a draft would exceed the bounds. Without other drafts, a draft of any size fits. */
    boolean isFull(Draft draft) {
        return drafts >= maxDrafts || (drafts > 0 && bytes + draft.weight() > maxBytes);
    }

    void add(PendingDraft pending) {
        waiting.add(pending);
        drafts++;
        bytes += pending.draft.weight();
    }

    /** Returns the number of drafts that wait for the store. */
    int size() {
        return waiting.size();
    }

    /** Returns the number of drafts that are not completed. */
    int drafts() {
        return drafts;
    }

    /** Returns the size, in bytes, of the drafts that are not completed. */
    long bytes() {
        return bytes;
    }

    @Nullable
    PendingDraft poll() {
        return waiting.poll();
    }

    /** Removes up to {@code max} drafts from the front. */
    List<PendingDraft> poll(int max) {
        List<PendingDraft> batch = new ArrayList<>();
        while (batch.size() < max && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        return batch;
    }

    /**
     * Removes the drafts whose deadline is over at {@code now}. All drafts have the same time, so they are in front.
     */
    List<PendingDraft> pollOverdue(long now) {
        List<PendingDraft> overdue = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.peek().isOverdue(now)) {
            overdue.add(waiting.remove());
        }
        return overdue;
    }

    /**
     * Marks the drafts of {@code batch} that are not completed yet as completed, frees their places, and returns them.
     * The places are free before the drafts' futures complete, so that a publisher that publishes again on completion
     * finds a free place.
     */
    List<PendingDraft> complete(List<PendingDraft> batch) {
        List<PendingDraft> open = PendingDraft.unanswered(batch);
        drafts -= open.size();
        for (PendingDraft pending : open) {
            pending.answered = true;
            bytes -= pending.draft.weight();
        }
        return open;
    }
}
