package dev.confab.core;

import dev.confab.core.MessageStore.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The result of appending one draft.
 *
 * @param entry the entry of the draft; null when nothing had to be written
 * @param isNew whether this append stored the entry; false when the entry was already in the log
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
