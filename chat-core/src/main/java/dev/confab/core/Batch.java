package dev.confab.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All entries of a reader's rooms after {@code from} and up to {@code to}.
 *
 * @param from the cursor that this batch continues from; the entry with this id is not included
 * @param to the reader's cursor after this batch: the id up to which the log was read, at least the last entry's id
 * @param entries in id order; empty when there are no entries yet
 */
public record Batch(MessageId from, MessageId to, List<Entry> entries) implements Delivery {
    public Batch {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Returns this batch for a reader at {@code earlier}. The reader's rooms have no entry between {@code earlier} and
     * {@link #from}.
     */
    Batch from(MessageId earlier) {
        return earlier.equals(from) ? this : new Batch(earlier, to, entries);
    }

    /** Returns whether one of the entries is a join or leave of {@code nick}. */
    public boolean isAbout(Nick nick) {
        for (Entry entry : entries) {
            if (isOf(entry, nick, null)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the {@linkplain Entry#sender senders} of the entries. */
    public Set<String> senders() {
        Set<String> senders = Set.of();
        for (Entry entry : entries) {
            String sender = entry.sender();
            if (sender != null) {
                if (senders.isEmpty()) {
                    senders = new HashSet<>();
                }
                senders.add(sender);
            }
        }
        return senders;
    }

    /**
     * Returns this batch without the joins and leaves of {@code nick}, and without the messages that {@code session}
     * sent. {@link #from} and {@link #to} do not change.
     */
    public Batch without(@Nullable Nick nick, @Nullable String session) {
        return new Batch(
                from,
                to,
                entries.stream().filter(entry -> !isOf(entry, nick, session)).toList());
    }

    /** Returns this batch with the entries of one type only. {@link #from} and {@link #to} do not change. */
    public Batch only(Message.Type type) {
        return entries.stream().allMatch(entry -> entry.message().type() == type)
                ? this
                : new Batch(
                        from,
                        to,
                        entries.stream()
                                .filter(entry -> entry.message().type() == type)
                                .toList());
    }

    /** Returns the form of the ids in the entries, which is the same in all of them; the usual form without entries. */
    public IdFormat ids() {
        return entries.isEmpty() ? IdFormat.ULID : entries.get(0).ids();
    }

    /** Returns this batch with another form of the ids in its entries. */
    public Batch with(IdFormat ids) {
        return ids == ids()
                ? this
                : new Batch(from, to, entries.stream().map(e -> e.with(ids)).toList());
    }

    private static boolean isOf(Entry entry, @Nullable Nick nick, @Nullable String session) {
        return entry.message().type() == Message.Type.MESSAGE
                ? session != null && session.equals(entry.sender())
                : nick != null && nick.equals(entry.message().nick());
    }
}
