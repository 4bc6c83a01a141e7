package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A draft in the {@link Sequencer} whose result is pending. */
final class PendingDraft {
    final Draft draft;

    /** The session that sends the draft and does not get the message; null if all sessions get it. */
    final @Nullable String sender;

    final long deadline;
    final CompletableFuture<@Nullable Published> result = new CompletableFuture<>();

    /** Whether the store has the draft. Guarded by the sequencer's lock, like {@link #answered}. */
    boolean inStore;

    boolean answered;

    /** Whether the draft is stored, and its sender is about to learn this. Guarded like {@link #answered}. */
    boolean isStored;

    /** @param deadline the time of {@link System#nanoTime()} at which the draft fails */
    PendingDraft(Draft draft, @Nullable String sender, long deadline) {
        this.draft = draft;
        this.sender = sender;
        this.deadline = deadline;
    }

    boolean isOverdue(long now) {
        return deadline - now <= 0;
    }

    /** Returns the drafts that are not completed yet. Called with the sequencer's lock held. */
    static List<PendingDraft> unanswered(List<PendingDraft> batch) {
        List<PendingDraft> open = new ArrayList<>(batch.size());
        for (PendingDraft pending : batch) {
            if (!pending.answered) {
                open.add(pending);
            }
        }
        return open;
    }

    /**
     * Marks the drafts with a sender as stored, and returns the sender of each draft. A sender that was answered before
     * does not know the outcome, and so gets the message like all others. Called with the sequencer's lock held.
     */
    static List<@Nullable String> storedSenders(List<PendingDraft> batch) {
        List<@Nullable String> senders = new ArrayList<>(batch.size());
        for (PendingDraft pending : batch) {
            pending.isStored = pending.sender != null && !pending.answered;
            senders.add(pending.isStored ? pending.sender : null);
        }
        return senders;
    }

    static boolean haveSenders(List<PendingDraft> batch) {
        for (PendingDraft pending : batch) {
            if (pending.sender != null) {
                return true;
            }
        }
        return false;
    }

    static List<Draft> drafts(List<PendingDraft> batch) {
        List<Draft> drafts = new ArrayList<>(batch.size());
        for (PendingDraft pending : batch) {
            drafts.add(pending.draft);
        }
        return drafts;
    }
}
