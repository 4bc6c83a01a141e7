package dev.confab.core;

/**
 * The maximum size of one read. A read may always return one entry, even if the entry is larger.
 *
 * @param entries the maximum number of entries, 1 or more
 * @param bytes the maximum number of bytes in the entries' JSON form, 1 or more
 */
public record Limit(int entries, int bytes) {
    /** The limit of one page: 1,000 entries, 1 MiB. */
    public static final Limit PAGE = new Limit(1_000, 1 << 20);

    /** The limit of one write to a stream: 1,000 entries, 64 KiB. */
    public static final Limit WRITE = new Limit(1_000, 64 << 10);

    public Limit {
        if (entries < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "limit: " + entries + " entries, " + bytes + " bytes (expected: 1 or more)");
        }
    }

    /**
     * Returns whether one more entry fits.
     *
     * @param before the number of entries before this one
     * @param total the number of bytes including this one
     */
    boolean fits(int before, long total) {
        return before == 0 || (before < entries && total <= bytes);
    }
}
