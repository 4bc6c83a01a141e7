package dev.confab.core;

/** Checks that every store can hold a text and that every transport can carry it. */
final class Text {
    private Text() {}

    /** Rejects U+0000, which PostgreSQL cannot store, and unpaired surrogates, which UTF-8 cannot encode. */
    static void check(String field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw ChatException.invalid(Reason.INVALID_TEXT, field, "has U+0000", "text without it");
            }
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) {
                    throw ChatException.invalid(
                            Reason.INVALID_TEXT, field, "has an unpaired surrogate", "Unicode text");
                }
                i++;
            }
        }
    }

    /** Returns the length of {@code text} in UTF-8, in bytes. The text must have passed {@link #check}. */
    static int utf8Length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // A surrogate is half of a four-byte character, so each surrogate counts as two bytes.
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }
}
