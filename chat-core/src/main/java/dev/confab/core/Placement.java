package dev.confab.core;

import dev.confab.core.MessageStore.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What an append came to.
 *
 * @param entry null when nothing had to be written
 * @param isNew whether the entry is of this append
 */
record Placement(@Nullable Entry entry, boolean isNew) {
    private static final Placement NOTHING = new Placement(null, false);

    static Placement of(Outcome outcome) {
        if (outcome instanceof Outcome.Placed placed) {
            return new Placement(Entry.of(placed.message()), true);
        }
        if (outcome instanceof Outcome.Known known) {
            return new Placement(Entry.of(known.message()), false);
        }
        return NOTHING;
    }
}
