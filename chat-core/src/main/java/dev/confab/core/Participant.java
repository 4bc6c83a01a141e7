package dev.confab.core;

/** Somebody who is in a room: a nick there, however many connections it has. */
public record Participant(Room room, Nick nick) {
    /** The participant that {@code draft}, a join or leave, is about. */
    public static Participant of(Draft draft) {
        Nick nick = draft.nick();
        if (nick == null) {
            throw new IllegalArgumentException("draft: " + draft.type() + " without a nick (expected: one)");
        }
        return new Participant(draft.room(), nick);
    }
}
