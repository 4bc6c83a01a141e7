package dev.confab.core;

/**
 * The name of a room. Rooms are not created: a room without messages is empty. Rooms are sorted by name.
 *
 * @param name {@code [A-Za-z0-9._-]{1,64}}
 */
public record Room(String name) implements Comparable<Room> {
    private static final int MAX_LENGTH = 64;

    /** The room of a request that names no room. */
    public static final Room LOBBY = new Room("lobby");

    /**
     * The room of the log's own messages, which tell all nodes whose access was revoked. No reader reads this room, and
     * only {@link ChatService#revoke} publishes to it. Its name is not valid for any other room.
     */
    static final Room REVOCATIONS = new Room("$revocations");

    /** @throws ChatException {@link Reason#INVALID_ROOM} */
    public Room {
        if (!isName(name) && !name.equals("$revocations")) {
            throw invalid(name);
        }
    }

    /**
     * Returns the room with a name that a client has sent.
     *
     * @throws ChatException {@link Reason#INVALID_ROOM}, also for the room of the log's own messages
     */
    public static Room named(String name) {
        return new Room(name).requirePublic();
    }

    /**
     * Returns this room, unless it belongs to the log itself.
     *
     * @throws ChatException {@link Reason#INVALID_ROOM}
     */
    Room requirePublic() {
        if (equals(REVOCATIONS)) {
            throw invalid(name);
        }
        return this;
    }

    private static ChatException invalid(String name) {
        return ChatException.invalid(Reason.INVALID_ROOM, "room", name, "1 to 64 of A-Z a-z 0-9 . _ -");
    }

    /** Checks the characters in a loop: every request has a room, and a regular expression costs several times more. */
    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
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
