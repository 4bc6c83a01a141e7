package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.IdFormat;
import dev.confab.core.Message;
import dev.confab.core.Nick;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a read request, which are the same on all transports.
 *
 * @param view the rooms to read, each given as {@code room=…}, the lobby by default; the form of the ids, given as
 *     {@code ids}; and whether only messages are read, given as {@code types=message}
 * @param start the position at which reading starts, given as {@code after} or {@code last}, not both
 * @param nick the nick of the reader, given as {@code nick}; the reader does not get its own joins and leaves
 */
public record ReadRequest(View view, Start start, @Nullable Nick nick) {
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);

    /**
     * Reads {@code room}, {@code ids}, {@code types}, {@code nick}, {@code after} and {@code last}. A cursor under
     * another name is rejected, not ignored.
     *
     * @param byDefault the position at which reading starts when the query has neither {@code after} nor {@code last}
     * @throws HttpException {@code invalid_parameter}
     * @throws dev.confab.core.ChatException if a room, cursor or nick is invalid
     */
    public static ReadRequest of(Query query, Start byDefault) {
        return of(query, byDefault, name -> false);
    }

    /** Like {@link #of}, for a path that also has the parameter {@code before}. */
    public static ReadRequest withHistory(Query query, Start byDefault) {
        return of(query, byDefault, "before"::equals);
    }

    /** Like {@link #of}, for a path that also has the parameter of {@link Query#lastEventId}. */
    public static ReadRequest withLastEventId(Query query, Start byDefault) {
        return of(query, byDefault, CursorNames::isLastEventId);
    }

    private static ReadRequest of(Query query, Start byDefault, Predicate<String> otherCursor) {
        CursorNames.check(query, otherCursor);
        String nick = query.first("nick");
        View view = new View(rooms(query), ids(query), messagesOnly(query));
        return new ReadRequest(view, start(query, byDefault), nick == null ? null : new Nick(nick));
    }

    /** Returns the rooms to read. */
    public RoomSet rooms() {
        return view.rooms();
    }

    /** Returns this request with another position at which reading starts. */
    public ReadRequest withStart(Start other) {
        return new ReadRequest(view, other, nick);
    }

    /**
     * Makes the reader a participant of its rooms from now on.
     *
     * @return the attendance, which the caller must end when the reader ends; null when the reader has no nick
     * @throws dev.confab.core.ChatException {@code OVERLOADED}
     */
    public @Nullable Attendance attend(ChatService chat) {
        return nick == null ? null : chat.presence().arrive(rooms(), nick);
    }

    /** Returns the rooms of a query; the lobby when the query has none. */
    static RoomSet rooms(Query query) {
        List<String> names = query.all("room");
        return names.isEmpty()
                ? LOBBY
                : RoomSet.of(names.stream().map(Room::named).toList());
    }

    /** Returns the form of the ids that a client asks for; {@link IdFormat#ULID} when it asks for none. */
    static IdFormat ids(Query query) {
        String name = query.first("ids");
        if (name == null) {
            return IdFormat.ULID;
        }
        for (IdFormat format : IdFormat.values()) {
            if (format.code().equals(name)) {
                return format;
            }
        }
        throw HttpException.invalid(HttpReason.INVALID_PARAMETER, "ids", name, "ulid or uuid");
    }

    private static boolean messagesOnly(Query query) {
        String types = query.first("types");
        if (types != null && !types.equals(Message.Type.MESSAGE.code())) {
            throw HttpException.invalid(HttpReason.INVALID_PARAMETER, "types", types, "message, or no types at all");
        }
        return types != null;
    }

    private static Start start(Query query, Start byDefault) {
        String after = query.first("after");
        Integer last = query.integer("last", 0, Start.Last.MAX);
        if (after != null && last != null) {
            throw HttpException.invalid(HttpReason.INVALID_PARAMETER, "last", "given with after", "one of the two");
        }
        if (last != null) {
            return Start.last(last);
        }
        return after == null ? byDefault : Start.parse(after);
    }
}
