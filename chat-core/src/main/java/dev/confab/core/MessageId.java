package dev.confab.core;

import com.github.f4b6a3.ulid.Ulid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;

/**
 * The place of a message in the log. An id is a ULID (<a href="https://github.com/ulid/spec">ulid/spec</a>): 48 bits of
 * Unix time in ms, and 80 bits that make the id unique. Ids are compared as unsigned 128-bit numbers. Their order is
 * the order of the log.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record MessageId(long high, long low) implements Comparable<MessageId> {
    /** An id below the id of every message. As a cursor, it means 'from the earliest message'. */
    public static final MessageId MIN = new MessageId(0, 0);

    /** An id above the id of every message. */
    public static final MessageId MAX = new MessageId(-1, -1);

    private static final int ULID_LENGTH = 26;
    private static final int UUID_LENGTH = 36;
    private static final long MAX_MILLIS = (1L << 48) - 1;

    /**
     * Returns the id with the given parts.
     *
     * @param millis the Unix time in ms, 0 to 2^48-1
     * @param random16 the lower 16 bits of this number follow after the time
     * @param random64 the lower 64 bits of the id
     */
    static MessageId of(long millis, long random16, long random64) {
        if (millis >>> 48 != 0) {
            throw new IllegalArgumentException("millis: " + millis + " (expected: 0 to 2^48-1)");
        }
        return new MessageId(millis << 16 | (random16 & 0xFFFF), random64);
    }

    /**
     * Returns the lowest id of an instant. The id of every message before {@code instant} is lower. An instant before
     * 1970 counts as 1970, and an instant after 2^48-1 ms (in the year 10889) counts as 2^48-1 ms.
     */
    public static MessageId floorOf(Instant instant) {
        // Compared in seconds first, because the milliseconds of a very distant instant do not fit into a long.
        if (instant.getEpochSecond() < 0) {
            return MIN;
        }
        boolean distant = instant.getEpochSecond() > MAX_MILLIS / 1_000;
        return of(distant ? MAX_MILLIS : Math.min(instant.toEpochMilli(), MAX_MILLIS), 0, 0);
    }

    /**
     * Returns the lowest id of the instant {@code age} before {@code now}, in whole ms. Returns {@link #MIN} if the
     * instant is before 1970. Retention and the lifetime of keys are computed with this method.
     */
    public static MessageId floorOfAge(Instant now, Duration age) {
        long millis = floorOf(now).high >>> 16;
        boolean before1970 = age.compareTo(Duration.ofMillis(millis)) >= 0;
        return before1970 ? MIN : floorOf(Instant.ofEpochMilli(millis - age.toMillis()));
    }

    /** Returns a random id of {@code now} for the start of a new log. No other log starts with the same id. */
    public static MessageId originOf(Instant now) {
        return new IdGenerator(InstantSource.fixed(now)).next(MIN);
    }

    /**
     * Reads the 26 characters of a ULID, or the same 128 bits as the 36 characters of a UUID (RFC 9562 section 4).
     *
     * @throws ChatException {@link Reason#INVALID_CURSOR} when {@code text} is neither
     */
    public static MessageId parse(String text) {
        try {
            if (text.length() == ULID_LENGTH) {
                Ulid ulid = Ulid.from(text);
                return new MessageId(ulid.getMostSignificantBits(), ulid.getLeastSignificantBits());
            }
            if (text.length() == UUID_LENGTH) {
                MessageId id = of(UUID.fromString(text));
                if (id.toUuid().toString().equalsIgnoreCase(text)) {
                    return id;
                }
            }
        } catch (IllegalArgumentException e) {
            // Reported below, with a message of our own.
        }
        throw ChatException.invalid(Reason.INVALID_CURSOR, "after", text, "a ULID of 26 characters or a UUID of 36");
    }

    /** Returns the id with the 128 bits of {@code uuid}. */
    public static MessageId of(UUID uuid) {
        return new MessageId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    /** Returns the same 128 bits as a UUID. Never sort by {@link UUID#compareTo}, which compares signed halves. */
    public UUID toUuid() {
        return new UUID(high, low);
    }

    /** Returns the instant in the id, in whole ms. */
    public Instant time() {
        return Instant.ofEpochMilli(high >>> 16);
    }

    /** Returns the next higher id. After the last id of a millisecond comes the first id of the next millisecond. */
    public MessageId next() {
        return new MessageId(low == -1 ? high + 1 : high, low + 1);
    }

    /** Returns the next lower id. As a cursor, it is directly before the message with this id. */
    public MessageId previous() {
        return new MessageId(low == 0 ? high - 1 : high, low - 1);
    }

    public boolean isAfter(MessageId other) {
        return compareTo(other) > 0;
    }

    public static MessageId max(MessageId a, MessageId b) {
        return a.isAfter(b) ? a : b;
    }

    @Override
    public int compareTo(MessageId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** Returns the ULID: 26 characters of Crockford's base 32, in upper case. ULIDs sort in the order of the ids. */
    @Override
    public String toString() {
        return new Ulid(high, low).toString();
    }
}
