package dev.confab.core;

/**
 * The name of a participant. A nick alone is not an identity: clients may use any nick, unless the
 * application authenticates them.
 *
 * @param name 1 to 64 characters (code points), no control characters
 */
public record Nick(String name) {
    private static final int MAX_LENGTH = 64;

    /** @throws ChatException {@link Reason#INVALID_NICK} or {@link Reason#INVALID_TEXT} */
    public Nick {
        Text.check("nick", name);
        int length = name.codePointCount(0, name.length());
        if (length < 1 || length > MAX_LENGTH || name.codePoints().anyMatch(Nick::isControl)) {
            throw ChatException.invalid(Reason.INVALID_NICK, "nick", name, "1 to 64 characters, no control characters");
        }
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
    }

    @Override
    public String toString() {
        return name;
    }
}
