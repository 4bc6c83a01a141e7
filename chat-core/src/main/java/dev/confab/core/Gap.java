package dev.confab.core;

import java.util.Locale;

/**
 * Entries after the reader's cursor are gone, or its cursor is of another log.
 *
 * @param reason which of the two
 * @param to the new cursor; what comes next is after it
 */
public record Gap(Cause reason, MessageId to) implements Delivery {
    /** Why something is missing. The names in lower case are the {@code reason} of the JSON form. */
    public enum Cause {
        /** Retention removed entries that the reader has not seen. */
        TRIMMED,
        /** The cursor belongs to a log that was replaced or restored from a backup. */
        REPLACED;

        /** The stable name that clients see. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@code {"type":"gap","reason":…,"id":…}} in UTF-8. */
    public byte[] json() {
        return MessageJson.encode(this);
    }
}
