package dev.confab.core;

import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** Gives entries their ids. Thread-safe when its clock and its random numbers are. */
final class IdGenerator {
    /** The highest random bit stays free, so that no row of {@code last + 1} leaves its millisecond. */
    private static final long RANDOM_16 = 0x7FFF;

    private final InstantSource clock;
    private final LongSupplier random;

    IdGenerator(InstantSource clock) {
        this(clock, () -> ThreadLocalRandom.current().nextLong());
    }

    IdGenerator(InstantSource clock, LongSupplier random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * An id above {@code last}: one of now, or {@code last + 1} where that is not above it (the same millisecond, or a clock
     * that stepped back). A clock before 1970 or after the year 10889 counts as that year.
     */
    MessageId next(MessageId last) {
        if (last.equals(MessageId.MAX)) {
            throw new IllegalStateException("last: " + last + " (expected: below the highest id there is)");
        }
        long millis = MessageId.floorOf(clock.instant()).high() >>> 16;
        if (millis <= last.high() >>> 16) {
            return last.next();
        }
        return MessageId.of(millis, random.getAsLong() & RANDOM_16, random.getAsLong());
    }
}
