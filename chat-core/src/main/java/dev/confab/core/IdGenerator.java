package dev.confab.core;

import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** Generates the ids of messages. Thread-safe if its clock and its random source are. */
final class IdGenerator {
    /**
     * The mask of the upper 16 random bits. The highest bit is 0, so a sequence of {@code last + 1} stays in its
     * millisecond.
     */
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
     * Returns an id above {@code last}. This is a random id of the current millisecond if that is after the millisecond
     * of {@code last}. Otherwise, in the same millisecond or after the clock stepped back, it is {@code last + 1}. A
     * clock before 1970 counts as 1970, and a clock after the highest time of an id (in the year 10889) counts as that
     * time.
     */
    MessageId next(MessageId last) {
        if (last.equals(MessageId.MAX)) {
            throw new IllegalStateException("last: " + last + " (expected: below the highest possible id)");
        }
        long millis = MessageId.floorOf(clock.instant()).high() >>> 16;
        if (millis <= last.high() >>> 16) {
            return last.next();
        }
        return MessageId.of(millis, random.getAsLong() & RANDOM_16, random.getAsLong());
    }
}
