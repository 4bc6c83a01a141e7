package dev.confab.jdbi;

import java.time.Duration;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link JdbiMessageStore} and of an {@link Outbox}.
 *
 * @param durability the failures that an acknowledged message survives
 * @param clock for the ids, for retention and for the age of keys; it may step back. Null for the database's own
 *     clock, which all nodes share
 * @param outcomeDeadline how long an append tries to find out whether a commit happened after its connection was
 *     lost; then it fails with {@code OUTCOME_UNKNOWN}. More than zero
 * @param schema the schema of the tables, an SQL identifier without quotes of up to 63 characters; null for the
 *     current schema of each connection
 * @param tablePrefix the beginning of the name of each table, index and constraint: a lower-case letter and up to
 *     29 more lower-case letters, digits and underscores. Logs with different prefixes are independent
 * @param schemaMode what {@link JdbiMessageStore#open} does about the tables
 */
public record JdbiStoreConfig(
        Durability durability,
        @Nullable InstantSource clock,
        Duration outcomeDeadline,
        @Nullable String schema,
        String tablePrefix,
        SchemaMode schemaMode) {
    private static final Duration OUTCOME_DEADLINE = Duration.ofSeconds(10);
    private static final String TABLE_PREFIX = "confab_";

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,29}");

    public JdbiStoreConfig {
        if (outcomeDeadline.isNegative() || outcomeDeadline.isZero()) {
            throw new IllegalArgumentException("outcomeDeadline: " + outcomeDeadline + " (expected: more than zero)");
        }
        if (schema != null && !IDENTIFIER.matcher(schema).matches()) {
            throw new IllegalArgumentException(
                    "schema: " + schema + " (expected: a letter or _, then up to 62 letters, digits and _)");
        }
        if (!PREFIX.matcher(tablePrefix).matches()) {
            throw new IllegalArgumentException("tablePrefix: " + tablePrefix
                    + " (expected: a lower-case letter, then up to 29 lower-case letters, digits and _)");
        }
    }

    /** Synced to disk, the database's clock, 10 s, the current schema, {@code confab_}, {@link SchemaMode#CREATE}. */
    public static JdbiStoreConfig defaults() {
        return new JdbiStoreConfig(Durability.FSYNC, null, OUTCOME_DEADLINE, null, TABLE_PREFIX, SchemaMode.CREATE);
    }

    public JdbiStoreConfig withDurability(Durability other) {
        return new JdbiStoreConfig(other, clock, outcomeDeadline, schema, tablePrefix, schemaMode);
    }

    public JdbiStoreConfig withClock(@Nullable InstantSource other) {
        return new JdbiStoreConfig(durability, other, outcomeDeadline, schema, tablePrefix, schemaMode);
    }

    public JdbiStoreConfig withOutcomeDeadline(Duration other) {
        return new JdbiStoreConfig(durability, clock, other, schema, tablePrefix, schemaMode);
    }

    public JdbiStoreConfig withSchema(@Nullable String other) {
        return new JdbiStoreConfig(durability, clock, outcomeDeadline, other, tablePrefix, schemaMode);
    }

    public JdbiStoreConfig withTablePrefix(String other) {
        return new JdbiStoreConfig(durability, clock, outcomeDeadline, schema, other, schemaMode);
    }

    public JdbiStoreConfig withSchemaMode(SchemaMode other) {
        return new JdbiStoreConfig(durability, clock, outcomeDeadline, schema, tablePrefix, other);
    }

    /** The name of a table with its prefix, and with its schema if there is a setting for that: as SQL refers to it. */
    String table(String name) {
        return qualified(tablePrefix + name);
    }

    /** A name in the configured schema, or in the current one. */
    String qualified(String name) {
        return schema == null ? name : schema + "." + name;
    }
}
