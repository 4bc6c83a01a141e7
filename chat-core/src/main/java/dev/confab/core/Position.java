package dev.confab.core;

import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands, as an id.
 *
 * @param cursor what comes next is after it
 * @param gap what to tell the reader first, or null; its {@code to} is the cursor
 */
public record Position(MessageId cursor, @Nullable Gap gap) {
    static Position at(MessageId cursor) {
        return new Position(cursor, null);
    }

    static Position behind(Gap gap) {
        return new Position(gap.to(), gap);
    }
}
