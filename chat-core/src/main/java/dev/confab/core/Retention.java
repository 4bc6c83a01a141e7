package dev.confab.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of each room is kept. What is over it is removed, oldest first, and readers that have not seen it get a {@link Gap}.
 *
 * @param maxAge entries whose id's time is longer ago go; null keeps them whatever their age
 * @param maxEntries the newest so many of a room stay, 1 or more; null keeps any number
 */
public record Retention(@Nullable Duration maxAge, @Nullable Integer maxEntries) {
    public static final Retention FOREVER = new Retention(null, null);

    public Retention {
        if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
            throw new IllegalArgumentException("maxAge: " + maxAge + " (expected: more than zero)");
        }
        if (maxEntries != null && maxEntries < 1) {
            throw new IllegalArgumentException("maxEntries: " + maxEntries + " (expected: 1 or more)");
        }
    }
}
