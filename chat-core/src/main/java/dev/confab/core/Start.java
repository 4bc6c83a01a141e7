package dev.confab.core;

/** The point where a reader begins. {@link ChatService#locate} resolves words such as 'latest' once, to an id. */
public sealed interface Start {
    /**
     * Begins with the oldest entry that is kept, without a gap. With several rooms, begins after the newest entry that
     * was removed from any of the rooms, because every room is complete from there.
     */
    Start EARLIEST = new Word("earliest");

    /** Begins with the next new entry. */
    Start LATEST = new Word("latest");

    static Start after(MessageId cursor) {
        return cursor.equals(MessageId.MIN) ? EARLIEST : new After(cursor);
    }

    /** @param count the number of newest entries to begin with, 0 to {@link Last#MAX} */
    static Start last(int count) {
        return new Last(count);
    }

    /**
     * Reads {@code earliest}, {@code latest}, a ULID or a UUID; the nil UUID means {@code earliest}.
     *
     * @throws ChatException {@link Reason#INVALID_CURSOR}
     */
    static Start parse(String text) {
        return switch (text) {
            case "earliest" -> EARLIEST;
            case "latest" -> LATEST;
            default -> after(MessageId.parse(text));
        };
    }

    /** {@link #EARLIEST} or {@link #LATEST}. */
    record Word(String name) implements Start {}

    /** Begins after the entry with this id. */
    record After(MessageId cursor) implements Start {}

    /** Begins with the newest {@code count} entries. */
    record Last(int count) implements Start {
        public static final int MAX = 1_000;

        public Last {
            if (count < 0 || count > MAX) {
                throw ChatException.invalid(Reason.INVALID_CURSOR, "last", "" + count, "0 to 1,000");
            }
        }
    }
}
