package dev.confab.core;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the entries that are kept in each room. Entries beyond a limit are removed, oldest first. Readers that
 * have not seen the removed entries get a {@link Gap}.
 *
 * @param maxAge the maximum age of an entry, by the time in its id; null for no limit
 * @param maxEntries the maximum number of entries in a room, 1 or more; null for no limit
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

    /** Returns the lowest id that the maximum age keeps, or {@link MessageId#MIN} when there is no maximum age. */
    public MessageId cutoff(Instant now) {
        return maxAge == null ? MessageId.MIN : MessageId.floorOfAge(now, maxAge);
    }

    /** Returns whether a room may keep this number of entries; true when there is no maximum number. */
    public boolean allows(int entries) {
        return maxEntries == null || entries <= maxEntries;
    }
}
