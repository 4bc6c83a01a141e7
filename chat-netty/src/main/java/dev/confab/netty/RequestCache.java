package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The request lines and the header lines that an event loop knows. Clients that wait in the same room send the same
 * request line. A client sends the same header lines with each of its requests, and programs of the same kind share
 * them. Lines that were decoded and checked once need not be decoded again when the same bytes come again. Confined to
 * the loop.
 *
 * <p>Memory of one loop:
 *
 * <ul>
 *   <li>request lines: {@link #LINES} times {@link #MAX_LINE} bytes, which are 32 KiB, and the parsed queries, usually
 *       64 KiB and at most 2 MiB;
 *   <li>shared header lines: {@link #SHARED} times {@link KnownHeaders#MAX_BYTES} bytes, which are 16 KiB, and the
 *       decoded headers, at most 56 KiB;
 *   <li>header lines that connections keep: {@link #MAX_KEPT} bytes, including the decoded headers. A connection keeps
 *       at most one set of header lines, which takes at most 9 KiB, and 3 to 4 KiB for a browser.
 * </ul>
 */
final class RequestCache {
    /** The largest size of a request line that is kept, in bytes. */
    static final int MAX_LINE = 256;

    /** The number of request lines. A power of two. */
    static final int LINES = 128;

    /** The number of sets of header lines that connections can share. */
    static final int SHARED = 8;

    /** The approximate memory of the header lines that the connections of one loop keep, in bytes. */
    static final long MAX_KEPT = 16 << 20;

    /**
     * The number of unknown requests that pass before the header lines of one are shared. So the cache costs little
     * when all requests are different.
     */
    static final int PASSED = 7;

    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    private static final FastThreadLocal<RequestCache> CURRENT = new FastThreadLocal<>() {
        @Override
        protected RequestCache initialValue() {
            return new RequestCache();
        }
    };

    /** Each line is at the index that its hash determines. A new line replaces the line at the same index. */
    private final @Nullable KnownLine[] lines = new @Nullable KnownLine[LINES];

    /** The most recently used headers come first. */
    private final @Nullable KnownHeaders[] shared = new @Nullable KnownHeaders[SHARED];

    private int passed;
    private long kept;

    /** Returns the cache of the current thread. */
    static RequestCache current() {
        return CURRENT.get();
    }

    /**
     * Returns the known line that consists of the bytes from {@code start} (inclusive) to {@code end} (exclusive), if
     * these routes have found its endpoint; otherwise null.
     */
    @Nullable
    KnownLine line(Routes routes, ByteBuf in, int start, int end) {
        KnownLine line = lines[index(in, start, end)];
        return line != null && line.routes() == routes && line.is(in, start, end) ? line : null;
    }

    void keep(KnownLine line) {
        lines[index(line.bytes(), 0, line.bytes().readableBytes())] = line;
    }

    /**
     * Returns the shared header lines that are at {@code start}, with a complete body behind them, if they have passed
     * all checks of these routes; otherwise null.
     *
     * @param line the request line, if it is known; the result fits to this line
     */
    @Nullable
    KnownHeaders headers(Routes routes, ByteBuf in, int start, @Nullable KnownLine line) {
        for (KnownHeaders known : shared) {
            if (known == null) {
                return null;
            }
            if (known.routes() == routes && (line == null || known.fit(line.line())) && known.areAt(in, start)) {
                return known;
            }
        }
        return null;
    }

    /**
     * Returns whether to share the header lines of an unknown request that a connection has not sent before.
     *
     * @see #PASSED
     */
    boolean isChosen() {
        boolean isChosen = passed == PASSED;
        passed = isChosen ? 0 : passed + 1;
        return isChosen;
    }

    /**
     * Shares header lines that a request has used, unless they are personal. The header lines that were not used for
     * the longest time are dropped.
     */
    void share(KnownHeaders used) {
        if (used.isPersonal() || used == shared[0]) {
            return;
        }
        int last = 0;
        while (last < SHARED - 1 && shared[last] != null && shared[last] != used) {
            last++;
        }
        System.arraycopy(shared, 0, shared, 1, last);
        shared[0] = used;
    }

    /** Returns whether a connection may keep further header lines. */
    boolean hasRoom() {
        return kept < MAX_KEPT;
    }

    /** Counts header lines that a connection keeps. Returns false when there is no room for them. */
    boolean retain(KnownHeaders known) {
        if (!hasRoom()) {
            return false;
        }
        if (known.addConnection()) {
            kept += known.memory();
        }
        return true;
    }

    /** Called when a connection no longer keeps the header lines that it retained. */
    void release(KnownHeaders known) {
        if (known.removeConnection()) {
            kept -= known.memory();
        }
    }

    /** Returns a hash of the bytes from {@code start} (inclusive) to {@code end} (exclusive). */
    static int hash(ByteBuf in, int start, int end) {
        long hash = 0;
        int from = start;
        for (; end - from >= Long.BYTES; from += Long.BYTES) {
            hash = (hash ^ in.getLong(from)) * MIX;
        }
        for (; from < end; from++) {
            hash = (hash ^ in.getByte(from)) * MIX;
        }
        return (int) (hash >>> Integer.SIZE);
    }

    private static int index(ByteBuf in, int start, int end) {
        // The upper bits depend on all bytes.
        return hash(in, start, end) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(LINES));
    }
}
