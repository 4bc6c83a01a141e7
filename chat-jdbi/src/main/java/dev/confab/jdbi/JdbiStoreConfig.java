package dev.confab.jdbi;

import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link JdbiMessageStore}.
 *
 * @param durability what an acknowledged message survives
 * @param clock for the ids, for retention and for the age of keys; it may step back. Null for the database's own, which all
 *     nodes share
 * @param outcomeDeadline for how long an append looks for what became of a commit that the connection was lost in, before
 *     it gives up with {@code OUTCOME_UNKNOWN}; more than zero
 */
public record JdbiStoreConfig(
        Durability durability, @Nullable InstantSource clock, Duration outcomeDeadline) {
    private static final Duration OUTCOME_DEADLINE = Duration.ofSeconds(10);

    public JdbiStoreConfig {
        if (outcomeDeadline.isNegative() || outcomeDeadline.isZero()) {
            throw new IllegalArgumentException("outcomeDeadline: " + outcomeDeadline + " (expected: more than zero)");
        }
    }

    /** Synced to disk, the database's clock, 10 s. */
    public static JdbiStoreConfig defaults() {
        return new JdbiStoreConfig(Durability.FSYNC, null, OUTCOME_DEADLINE);
    }

    public JdbiStoreConfig withDurability(Durability other) {
        return new JdbiStoreConfig(other, clock, outcomeDeadline);
    }

    public JdbiStoreConfig withClock(@Nullable InstantSource other) {
        return new JdbiStoreConfig(durability, other, outcomeDeadline);
    }

    public JdbiStoreConfig withOutcomeDeadline(Duration other) {
        return new JdbiStoreConfig(durability, clock, other);
    }
}
