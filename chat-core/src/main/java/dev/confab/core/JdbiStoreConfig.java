package dev.confab.core;

import java.time.Duration;
import java.time.InstantSource;

/**
 * Settings of a {@link JdbiMessageStore}.
 *
 * @param durability what an acknowledged message survives
 * @param clock for the ids, for retention and for the age of keys; it may step back
 * @param outcomeDeadline for how long an append looks for what became of a commit that the connection was lost in, before
 *     it gives up with {@code OUTCOME_UNKNOWN}; more than zero
 */
public record JdbiStoreConfig(Durability durability, InstantSource clock, Duration outcomeDeadline) {
    private static final Duration OUTCOME_DEADLINE = Duration.ofSeconds(10);

    public JdbiStoreConfig {
        if (outcomeDeadline.isNegative() || outcomeDeadline.isZero()) {
            throw new IllegalArgumentException("outcomeDeadline: " + outcomeDeadline + " (expected: more than zero)");
        }
    }

    /** Synced to disk, the system's clock, 10 s. */
    public static JdbiStoreConfig defaults() {
        return new JdbiStoreConfig(Durability.FSYNC, InstantSource.system(), OUTCOME_DEADLINE);
    }

    public JdbiStoreConfig withDurability(Durability other) {
        return new JdbiStoreConfig(other, clock, outcomeDeadline);
    }

    public JdbiStoreConfig withClock(InstantSource other) {
        return new JdbiStoreConfig(durability, other, outcomeDeadline);
    }

    public JdbiStoreConfig withOutcomeDeadline(Duration other) {
        return new JdbiStoreConfig(durability, clock, other);
    }
}
