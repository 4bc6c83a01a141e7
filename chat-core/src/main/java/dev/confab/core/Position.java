package dev.confab.core;

import org.jspecify.annotations.Nullable;

/**
 * The position of a reader in the log.
 *
 * @param cursor the id after which the next message is looked for
 * @param gap the gap to announce to the reader first, or null; the gap's {@code to} is the cursor
 */
public record Position(MessageId cursor, @Nullable Gap gap) {
    static Position at(MessageId cursor) {
        return new Position(cursor, null);
    }

    static Position behind(Gap gap) {
        return new Position(gap.to(), gap);
    }
}
