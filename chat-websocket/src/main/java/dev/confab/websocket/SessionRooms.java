package dev.confab.websocket;

import dev.confab.core.ChatException;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.netty.View;
import dev.confab.websocket.ClientFrame.Subscribe;
import dev.confab.websocket.ClientFrame.Tag;
import dev.confab.websocket.ClientFrame.Unsubscribe;
import dev.confab.websocket.SocketListener.Ending;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rooms that one session reads. They change one at a time. Confined to the event loop. */
final class SessionRooms {
    private final @Nullable Attendance attendance;
    private View view;
    private boolean isChanging;

    /** The room that the client may read when the current change has ended; null for none. */
    private @Nullable Room entering;

    /** The next change, which waits for the end of the current one. The socket is not read meanwhile. */
    private @Nullable ClientFrame next;

    /** @param attendance the client's attendance in the rooms, which ends here; null when the client has no nick */
    SessionRooms(View view, @Nullable Attendance attendance) {
        this.view = view;
        this.attendance = attendance;
    }

    View view() {
        return view;
    }

    RoomSet all() {
        return view.rooms();
    }

    /** Returns the rooms that the client reads, and the one that the current change will add. */
    RoomSet readable() {
        return entering == null ? all() : all().with(entering);
    }

    void show(RoomSet rooms) {
        view = view.with(rooms);
    }

    /** Returns the room that a frame names. A frame without a name means the only room of the session. */
    Room named(@Nullable String name) {
        if (name != null) {
            return Room.named(name);
        }
        List<Room> rooms = all().rooms();
        if (rooms.size() > 1) {
            throw new ChatException(
                    Reason.INVALID_ROOM, "room: is missing (expected: one, as this connection reads several)");
        }
        return rooms.get(0);
    }

    /** Checks that the room can be added. */
    void check(Room room, Subscribe frame) {
        Tag tag = frame.tag();
        if (all().contains(room)) {
            throw new FrameException(
                    FrameReason.ALREADY_SUBSCRIBED, "room: " + room + " (expected: a room not yet read)", tag);
        }
        if (all().rooms().size() == RoomSet.MAX_ROOMS) {
            throw new FrameException(
                    FrameReason.TOO_MANY_ROOMS,
                    "room: " + room + " (expected: at most " + RoomSet.MAX_ROOMS + " rooms, unsubscribe first)",
                    tag);
        }
    }

    /** Checks that the room can be removed. */
    void check(Room room, Unsubscribe frame) {
        Tag tag = frame.tag();
        if (!all().contains(room)) {
            throw new FrameException(
                    FrameReason.NOT_SUBSCRIBED, "room: " + room + " (expected: a room that is read)", tag);
        }
        if (all().rooms().size() == 1) {
            throw new FrameException(FrameReason.LAST_ROOM, "room: " + room + " (expected: one of several rooms)", tag);
        }
    }

    /** Keeps a frame until the current change has ended. Returns false if there is no current change. */
    boolean defer(ClientFrame frame) {
        if (isChanging) {
            next = frame;
        }
        return isChanging;
    }

    boolean isDeferring() {
        return next != null;
    }

    void beginChange() {
        isChanging = true;
    }

    /** Returns the change that has waited, or null. */
    @Nullable
    ClientFrame endChange() {
        ClientFrame waited = next;
        next = null;
        entering = null;
        isChanging = false;
        return waited;
    }

    /** Begins the attendance in a room that the current change will add. */
    void enter(Room room) {
        if (attendance != null) {
            attendance.enter(room);
        }
        entering = room;
    }

    /** Ends the attendance in a room. */
    void exit(Room room) {
        if (attendance != null) {
            attendance.exit(room);
        }
    }

    /** Ends the attendance. A client that sent a close frame leaves. Any other client may be back soon. */
    void close(Ending ending) {
        if (attendance == null) {
            return;
        }
        if (ending == Ending.BY_CLIENT) {
            attendance.leave();
        } else {
            attendance.drop();
        }
    }
}
