package dev.confab.core;

import java.util.List;

/**
 * All entries of a reader's rooms after {@code from} and up to {@code to}.
 *
 * @param from the cursor that this continues; not included
 * @param to the cursor afterwards: the last entry's id, or the position read to when there is none
 * @param entries in id order; empty when nothing is there yet
 */
public record Batch(MessageId from, MessageId to, List<Entry> entries) implements Delivery {
    public Batch {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** This batch for a reader at {@code earlier}, where nothing lies between that and {@link #from}. */
    Batch from(MessageId earlier) {
        return earlier.equals(from) ? this : new Batch(earlier, to, entries);
    }

    /** Whether one of the entries is a join or leave of {@code nick}. */
    public boolean isAbout(Nick nick) {
        for (Entry entry : entries) {
            if (isAbout(entry, nick)) {
                return true;
            }
        }
        return false;
    }

    /** This batch without the joins and leaves of {@code nick}; its ends stay. */
    public Batch without(Nick nick) {
        return isAbout(nick)
                ? new Batch(
                        from,
                        to,
                        entries.stream().filter(e -> !isAbout(e, nick)).toList())
                : this;
    }

    private static boolean isAbout(Entry entry, Nick nick) {
        return entry.message().type() != Message.Type.MESSAGE
                && nick.equals(entry.message().nick());
    }
}
