package dev.confab.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rooms of one reader. The list is sorted and has no duplicates, so that equal sets are equal values.
 *
 * @param rooms 1 to {@value #MAX_ROOMS} rooms
 */
public record RoomSet(List<Room> rooms) {
    public static final int MAX_ROOMS = 64;

    /**
     * @throws ChatException {@link Reason#INVALID_ROOM} when there is no room, more than {@value #MAX_ROOMS}, or the
     *     room of the log's own messages
     */
    public RoomSet {
        rooms = rooms.size() == 1
                ? List.copyOf(rooms)
                : rooms.stream().sorted().distinct().toList();
        rooms.forEach(Room::requirePublic);
        if (rooms.isEmpty() || rooms.size() > MAX_ROOMS) {
            throw ChatException.invalid(
                    Reason.INVALID_ROOM, "room", rooms.size() + " rooms", "1 to " + MAX_ROOMS + " rooms");
        }
    }

    public static RoomSet of(Room... rooms) {
        return new RoomSet(List.of(rooms));
    }

    public static RoomSet of(Collection<Room> rooms) {
        return new RoomSet(List.copyOf(rooms));
    }

    public boolean contains(Room room) {
        return rooms.contains(room);
    }

    /**
     * Returns this set and another room.
     *
     * @throws ChatException {@link Reason#INVALID_ROOM} when the set is full
     */
    public RoomSet with(Room room) {
        List<Room> all = new ArrayList<>(rooms);
        all.add(room);
        return new RoomSet(all);
    }

    /**
     * Returns this set without a room.
     *
     * @throws ChatException {@link Reason#INVALID_ROOM} when no room is left
     */
    public RoomSet without(Room room) {
        return new RoomSet(rooms.stream().filter(each -> !each.equals(room)).toList());
    }

    @Override
    public String toString() {
        return rooms.stream().map(Room::name).collect(Collectors.joining(","));
    }
}
