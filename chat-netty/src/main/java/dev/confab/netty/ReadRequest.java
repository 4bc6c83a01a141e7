package dev.confab.netty;

import dev.confab.core.Attendance;
import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a reader asks for, the same on all transports.
 *
 * @param rooms each given as {@code room=…}; the lobby by default
 * @param start {@code after} or {@code last}, not both
 * @param nick {@code nick}: who reads, and does not get its own joins and leaves
 */
public record ReadRequest(
        RoomSet rooms, Start start, @Nullable Nick nick) {
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);

    /**
     * Reads {@code room}, {@code nick}, {@code after} and {@code last}. A cursor under a name that is not known here is an
     * error, not ignored.
     *
     * @param byDefault where it starts when the query does not say
     * @throws HttpException {@code invalid_parameter}
     * @throws dev.confab.core.ChatException for what is not a room, a cursor or a nick
     */
    public static ReadRequest of(Query query, Start byDefault) {
        return of(query, byDefault, name -> false);
    }

    /** As {@link #of}, for a path that has {@code before}, too. */
    public static ReadRequest withHistory(Query query, Start byDefault) {
        return of(query, byDefault, "before"::equals);
    }

    /** As {@link #of}, for a path that has {@link Query#lastEventId}, too. */
    public static ReadRequest withLastEventId(Query query, Start byDefault) {
        return of(query, byDefault, CursorNames::isLastEventId);
    }

    private static ReadRequest of(Query query, Start byDefault, Predicate<String> otherCursor) {
        CursorNames.check(query, otherCursor);
        String nick = query.first("nick");
        return new ReadRequest(rooms(query), start(query, byDefault), nick == null ? null : new Nick(nick));
    }

    /**
     * The reader takes part from now on.
     *
     * @return null when it has no nick; to be told when the reader ends
     * @throws dev.confab.core.ChatException {@code OVERLOADED}
     */
    public @Nullable Attendance attend(ChatService chat) {
        return nick == null ? null : chat.presence().arrive(rooms, nick);
    }

    /** The rooms of a query, the lobby when it names none. */
    static RoomSet rooms(Query query) {
        List<String> names = query.all("room");
        return names.isEmpty()
                ? LOBBY
                : RoomSet.of(names.stream().map(Room::new).toList());
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
