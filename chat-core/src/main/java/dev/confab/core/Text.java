package dev.confab.core;

/** What every store can hold and every transport can carry. */
final class Text {
    private Text() {}

    /** Refuses U+0000, which PostgreSQL cannot store, and unpaired surrogates, which have no UTF-8. */
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

    /** The length in UTF-8, in bytes, of checked text. */
    static int utf8Length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // A surrogate is half of a four-byte character: two bytes each.
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }
}
