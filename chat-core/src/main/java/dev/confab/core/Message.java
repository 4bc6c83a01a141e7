package dev.confab.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the log: placed, committed, never changed.
 *
 * @param type a message, or somebody joining or leaving
 * @param id its place in the order of the whole log
 * @param room where
 * @param nick who, or null when the draft had none
 * @param body the text; empty for a join or leave
 */
public record Message(
        Type type, MessageId id, Room room, @Nullable Nick nick, String body) {
    /** What an entry is. */
    public enum Type {
        MESSAGE,
        JOIN,
        LEAVE;

        private final String code = name().toLowerCase(Locale.ROOT);

        /** The stable name that clients see. */
        public String code() {
            return code;
        }
    }

    /** {@code draft} at its place. */
    public static Message of(MessageId id, Draft draft) {
        return new Message(draft.type(), id, draft.room(), draft.nick(), draft.body());
    }

    /** The id's time: when the entry was placed, in whole ms. */
    public Instant createdAt() {
        return id.time();
    }
}
