package dev.confab.core;

import java.util.regex.Pattern;

/**
 * A room's name. Rooms need no creation: one that nobody wrote to is empty. Rooms sort by name.
 *
 * @param name {@code [A-Za-z0-9._-]{1,64}}
 */
public record Room(String name) implements Comparable<Room> {
    // First: LOBBY is checked with it.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Where a request that names no room goes. */
    public static final Room LOBBY = new Room("lobby");

    /** @throws ChatException {@link Reason#INVALID_ROOM} */
    public Room {
        if (!NAME.matcher(name).matches()) {
            throw ChatException.invalid(Reason.INVALID_ROOM, "room", name, "1 to 64 of A-Z a-z 0-9 . _ -");
        }
    }

    @Override
    public int compareTo(Room other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
