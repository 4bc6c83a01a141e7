package dev.confab.core;

/**
 * How much one read may bring. There is always room for one entry, however large.
 *
 * @param entries 1 or more
 * @param bytes 1 or more, of the entries' JSON form
 */
public record Limit(int entries, int bytes) {
    /** One page: 1,000 entries, 1 MiB. */
    public static final Limit PAGE = new Limit(1_000, 1 << 20);

    /** One write to a stream: 64 KiB. */
    public static final Limit WRITE = new Limit(1_000, 64 << 10);

    public Limit {
        if (entries < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "limit: " + entries + " entries, " + bytes + " bytes (expected: 1 or more)");
        }
    }
}
