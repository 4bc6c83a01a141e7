package dev.confab.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moves the tail's head forward, with this node's own batches and with the messages of other nodes. Only one thread
 * does so at a time, so the tail always gets the entries in the order of the log.
 */
final class LogFollower {
    private final MessageStore store;
    private final Tail tail;
    private final Revocations revocations;
    private final Senders senders = new Senders();
    private volatile long completeAt = System.nanoTime();

    LogFollower(MessageStore store, Tail tail, Revocations revocations) {
        this.store = store;
        this.tail = tail;
        this.revocations = revocations;
    }

    /**
     * Adds an append of this node to the tail. If the append follows directly after the head, its entries are taken
     * from memory. Otherwise other nodes appended messages in between, and everything after the head is read from the
     * store.
     *
     * @param onFailure called when that read fails; the append is stored nevertheless, and readers get its entries
     *     with the next append or the next catch-up
     * @return the entry of each outcome that has a message, and null for the others, in the order of the outcomes
     */
    List<@Nullable Entry> accept(MessageStore.Appended appended, Consumer<StoreException> onFailure) {
        return accept(appended, List.of(), onFailure);
    }

    /** @param senders the session that sent the draft of each outcome, or null; empty if there is none */
    List<@Nullable Entry> accept(
            MessageStore.Appended appended, List<@Nullable String> senders, Consumer<StoreException> onFailure) {
        List<@Nullable Entry> entries = new ArrayList<>(appended.outcomes().size());
        List<Entry> placed = new ArrayList<>(appended.outcomes().size());
        for (int i = 0; i < appended.outcomes().size(); i++) {
            MessageStore.Outcome outcome = appended.outcomes().get(i);
            Entry entry = null;
            if (outcome instanceof MessageStore.Outcome.Placed done) {
                entry = entry(done.message(), senders.isEmpty() ? null : senders.get(i));
                placed.add(entry);
            } else if (outcome instanceof MessageStore.Outcome.Known known) {
                entry = Entry.of(known.message());
            }
            entries.add(entry);
        }
        try {
            follow(appended.previous(), placed);
        } catch (StoreException e) {
            onFailure.accept(e);
        }
        return entries;
    }

    private Entry entry(Message message, @Nullable String sender) {
        if (sender == null) {
            return Entry.of(message);
        }
        senders.add(message.id(), sender);
        return Entry.of(message).from(sender);
    }

    /** Returns the entries of messages of the store. */
    List<Entry> entries(List<Message> messages) {
        return senders.entries(messages);
    }

    private synchronized void follow(MessageId previous, List<Entry> placed) {
        // Needed even if nothing was placed: a known key may belong to an entry that this node has not seen yet.
        MessageId last =
                placed.isEmpty() ? previous : placed.get(placed.size() - 1).id();
        if (previous.equals(tail.head())) {
            append(placed, Map.of());
            completeAt = System.nanoTime();
        } else {
            catchUpTo(last);
        }
    }

    /** Reads the messages after the head, but only if the committed id {@code known} is after the head. */
    void catchUpTo(MessageId known) {
        // The head never moves back. Usually it is far enough, and an append that takes long must not be waited for.
        if (known.isAfter(tail.head())) {
            synchronized (this) {
                if (known.isAfter(tail.head())) {
                    catchUp(() -> {});
                }
            }
        }
    }

    /**
     * Reads all messages after the head from the store.
     *
     * @param begins called when the read begins: every message that was committed before this call is read
     */
    synchronized void catchUp(Runnable begins) {
        begins.run();
        long start = System.nanoTime();
        List<Message> news = store.readLog(tail.head(), Limit.PAGE);
        while (!news.isEmpty()) {
            // Read after the messages: a message that was trimmed before that read is missing here, and the marks show
            // the gap.
            Map<Room, MessageId> trimmed = store.trimmedAfter(tail.head());
            append(entries(news), trimmed);
            news = store.readLog(tail.head(), Limit.PAGE);
        }
        completeAt = start;
    }

    /** Returns the time since the tail last had every message that was committed. */
    Duration lag() {
        return Duration.ofNanos(System.nanoTime() - completeAt);
    }

    private void append(List<Entry> entries, Map<Room, MessageId> trimmed) {
        tail.append(entries, trimmed);
        revocations.announce(entries);
    }
}
