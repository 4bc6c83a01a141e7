package dev.confab.core;

import java.util.Locale;

/**
 * The notice to a reader that entries after its cursor were removed, or that its cursor belongs to another log.
 *
 * @param reason the cause of the gap
 * @param to the reader's new cursor; the next entries are after this id
 */
public record Gap(Cause reason, MessageId to) implements Delivery {
    /** The cause of a gap. The JSON form has the name in lower case as its {@code reason}. */
    public enum Cause {
        /** Retention removed entries that the reader has not seen. */
        TRIMMED,
        /** The cursor belongs to a log that was replaced or restored from a backup. */
        REPLACED;

        /** Returns the stable name that clients see. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Returns {@code {"type":"gap","reason":…,"id":…}} in UTF-8. */
    public byte[] json() {
        return json(IdFormat.ULID);
    }

    /** Returns {@link #json()} with another form of the id. */
    public byte[] json(IdFormat ids) {
        return MessageJson.encode(this, ids);
    }
}
