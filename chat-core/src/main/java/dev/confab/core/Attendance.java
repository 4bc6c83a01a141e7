package dev.confab.core;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One connection's part in {@link Presence}. It ends once; more often does nothing. Safe for any thread. */
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

    /** The client said goodbye: it leaves at once. */
    public void leave() {
        end(true);
    }

    /** The connection was lost, or ended from this side: it leaves after the grace time unless it is back. */
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
