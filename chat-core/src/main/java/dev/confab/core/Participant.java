package dev.confab.core;

/** A nick that is present in a room. Several connections of the same nick are one participant. */
public record Participant(Room room, Nick nick) {
    /** Returns the participant of {@code draft}, which is a join or a leave. */
    public static Participant of(Draft draft) {
        Nick nick = draft.nick();
        if (nick == null) {
            throw new IllegalArgumentException("draft: " + draft.type() + " without a nick (expected: one)");
        }
        return new Participant(draft.room(), nick);
    }
}
