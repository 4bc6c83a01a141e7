package dev.confab.core;

/** Where a reader begins. Words such as 'latest' are resolved once, to an id: see {@link ChatService#locate}. */
public sealed interface Start {
    /** All there is. Never a gap. Over several rooms: from where all of them are whole. */
    Start EARLIEST = new Word("earliest");

    /** Only what comes from now on. */
    Start LATEST = new Word("latest");

    static Start after(MessageId cursor) {
        return cursor.equals(MessageId.MIN) ? EARLIEST : new After(cursor);
    }

    /** @param count 0 to {@link Last#MAX} entries before the end */
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

    /** Behind the entry with this id. */
    record After(MessageId cursor) implements Start {}

    /** So many entries before the end. */
    record Last(int count) implements Start {
        public static final int MAX = 1_000;

        public Last {
            if (count < 0 || count > MAX) {
                throw ChatException.invalid(Reason.INVALID_CURSOR, "last", "" + count, "0 to 1,000");
            }
        }
    }
}
