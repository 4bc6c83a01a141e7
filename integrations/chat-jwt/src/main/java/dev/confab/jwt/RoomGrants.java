package dev.confab.jwt;

import dev.confab.core.Room;
import dev.confab.netty.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rooms in which a client may read and publish, as patterns. A pattern is the name of a room, the beginning of
 * names with a {@code *} at the end, such as {@code team-*}, or {@code *} alone for every room.
 *
 * @param read the rooms that the client may read; the permission includes the list of participants
 * @param publish the rooms in which the client may publish
 */
public record RoomGrants(List<String> read, List<String> publish) {
    /** No room. */
    public static final RoomGrants NONE = new RoomGrants(List.of(), List.of());

    /** Every room. */
    public static final RoomGrants ALL = new RoomGrants(List.of("*"), List.of("*"));

    /** The name of the claim, and of the principal's attribute with the parsed claim. */
    static final String NAME = "rooms";

    /** @throws IllegalArgumentException when a pattern is empty, or has a {@code *} before its end */
    public RoomGrants {
        read = checked("read", read);
        publish = checked("publish", publish);
    }

    /**
     * Parses the value of the claim. Members with other names are ignored.
     *
     * @param claim the value as a JSON library represents it
     * @throws IllegalArgumentException when the value is malformed; the message does not contain the value
     */
    static RoomGrants parse(@Nullable Object claim) {
        if (!(claim instanceof Map<?, ?> members)) {
            throw new IllegalArgumentException(NAME + " is not an object");
        }
        return new RoomGrants(patterns(members, "read"), patterns(members, "publish"));
    }

    /** Returns the grants of a principal, or {@link #NONE} if another authenticator has made the principal. */
    static RoomGrants of(Principal principal) {
        return principal.attributes().get(NAME) instanceof RoomGrants grants ? grants : NONE;
    }

    boolean mayRead(Room room) {
        return matches(read, room.name());
    }

    boolean mayPublish(Room room) {
        return matches(publish, room.name());
    }

    private static List<String> patterns(Map<?, ?> members, String name) {
        if (!members.containsKey(name)) {
            return List.of();
        }
        if (!(members.get(name) instanceof List<?> values)) {
            throw new IllegalArgumentException(name + " is not an array");
        }
        List<String> patterns = new ArrayList<>(values.size());
        for (Object value : values) {
            if (!(value instanceof String pattern)) {
                throw new IllegalArgumentException(name + " has an element that is not a string");
            }
            patterns.add(pattern);
        }
        return patterns;
    }

    private static List<String> checked(String name, List<String> patterns) {
        for (String pattern : patterns) {
            int star = pattern.indexOf('*');
            if (pattern.isEmpty() || (star >= 0 && star < pattern.length() - 1)) {
                throw new IllegalArgumentException(name + " has a pattern that is empty, or has a * before its end");
            }
        }
        return List.copyOf(patterns);
    }

    private static boolean matches(List<String> patterns, String room) {
        for (String pattern : patterns) {
            int prefix = pattern.length() - 1;
            boolean isMatch =
                    pattern.charAt(prefix) == '*' ? room.regionMatches(0, pattern, 0, prefix) : room.equals(pattern);
            if (isMatch) {
                return true;
            }
        }
        return false;
    }
}
