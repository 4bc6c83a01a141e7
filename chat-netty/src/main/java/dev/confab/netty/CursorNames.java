package dev.confab.netty;

import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The names that other systems give to a cursor. A query with such a name is rejected. Otherwise, the read would start
 * at another position, and the reader would miss entries without noticing. Pure; safe for any thread.
 */
final class CursorNames {
    /** The names in lower case, without {@code -}, {@code _} and {@code .}. */
    private static final Set<String> NAMES = Set.of(
            "after",
            "afterid",
            "before",
            "beforeid",
            "chatcursor",
            "cursor",
            "from",
            "fromid",
            "last",
            "lastid",
            "lastseen",
            "lastseenid",
            "lastmessageid",
            "offset",
            "position",
            "since",
            "sinceid",
            "start",
            "startafter",
            "startid");

    private static final String LAST_EVENT_ID = "lasteventid";

    private CursorNames() {}

    /**
     * Rejects a query that has a cursor under a name that the path does not know. Empty values are ignored.
     *
     * @param known whether the path has a cursor of this name besides {@code after} and {@code last}
     * @throws HttpException 400 {@code invalid_parameter}
     */
    static void check(Query query, Predicate<String> known) {
        query.forEach((name, value) -> {
            if (!value.isEmpty() && !isCommon(name) && isCursor(name) && !known.test(name)) {
                throw HttpException.invalid(
                        HttpReason.INVALID_PARAMETER, name, "is not a parameter of this path", "after=CURSOR");
            }
        });
    }

    /** Whether a parameter is, in any spelling, the {@code Last-Event-ID} of a client that cannot send the header. */
    static boolean isLastEventId(String name) {
        // Some clients add a prefix to the name: evs_last_event_id.
        return plain(name).endsWith(LAST_EVENT_ID);
    }

    /** Whether the name is a parameter that most requests have; such a name needs no further check. */
    private static boolean isCommon(String name) {
        return switch (name) {
            case "room", "nick", "after", "last", "wait", "limit" -> true;
            default -> false;
        };
    }

    private static boolean isCursor(String name) {
        String plain = plain(name);
        return NAMES.contains(plain) || plain.endsWith(LAST_EVENT_ID);
    }

    private static String plain(String name) {
        StringBuilder plain = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '-' && c != '_' && c != '.') {
                plain.append(c);
            }
        }
        return plain.toString().toLowerCase(Locale.ROOT);
    }
}
