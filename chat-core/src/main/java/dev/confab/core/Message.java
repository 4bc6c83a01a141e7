package dev.confab.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log, which has its final place in the order and never changes.
 *
 * @param type whether this is a message from a publisher, a join or a leave
 * @param id the place of the message in the order of the whole log
 * @param room the room of the message
 * @param nick the nick of the author or participant, or null if the draft had none
 * @param body the text; empty for a join or leave
 */
public record Message(
        Type type, MessageId id, Room room, @Nullable Nick nick, String body) {
    /** The type of a message. */
    public enum Type {
        MESSAGE,
        JOIN,
        LEAVE;

        private final String code = name().toLowerCase(Locale.ROOT);

        /** Returns the stable name that clients see. */
        public String code() {
            return code;
        }
    }

    /** Returns the message of {@code draft} with the given id. */
    public static Message of(MessageId id, Draft draft) {
        return new Message(draft.type(), id, draft.room(), draft.nick(), draft.body());
    }

    /** Returns the time in the id, in whole ms: the time at which the message got its place. */
    public Instant createdAt() {
        return id.time();
    }
}
