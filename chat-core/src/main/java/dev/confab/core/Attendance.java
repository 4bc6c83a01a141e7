package dev.confab.core;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The part of one connection in {@link Presence}. Ends once; a second end does nothing. Thread-safe. */
public final class Attendance {
    private final Presence presence;
    private final RoomSet rooms;
    private final Nick nick;
    private final AtomicBoolean ended = new AtomicBoolean();

    Attendance(Presence presence, RoomSet rooms, Nick nick) {
        this.presence = presence;
        this.rooms = rooms;
        this.nick = nick;
    }

    /** Ends the attendance of a client that disconnected cleanly: its participants leave at once. */
    public void leave() {
        end(true);
    }

    /**
     * Ends the attendance of a connection that was lost, or that the server closed. Its participants leave after the
     * grace time unless they are back by then.
     */
    public void drop() {
        end(false);
    }

    void forEach(Consumer<Participant> action) {
        for (Room room : rooms.rooms()) {
            action.accept(new Participant(room, nick));
        }
    }

    private void end(boolean clean) {
        if (ended.compareAndSet(false, true)) {
            presence.end(this, clean);
        }
    }
}
