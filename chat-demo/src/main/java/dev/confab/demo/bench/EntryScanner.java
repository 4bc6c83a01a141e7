package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;

/**
 * Finds messages in the bytes of any transport without parsing the JSON. A quote within a text is escaped, so
 * {@code "body":"} occurs only where a body starts, and the part of the entry before it has a fixed length. For one
 * thread.
 */
final class EntryScanner {
    /** The eight bytes {@code "body":"}. */
    private static final long MARK = 0x22_62_6f_64_79_22_3a_22L;

    private static final int MARK_LENGTH = Long.BYTES;
    private static final int ID_LENGTH = 26;

    /** Receives each message that is found. */
    interface Sink {
        /**
         * Takes one message.
         *
         * @param id the index at which the 26 characters of the message's id start
         * @param body the index at which the message's body starts; the head of the body is complete
         */
        void message(ByteBuf in, int id, int body);
    }

    private final Sink sink;
    private final int fromIdToMark;

    /**
     * The offset of the last mark. The messages of a run have the same length, so the next mark is probably there too.
     */
    private int usual;

    EntryScanner(String room, Sink sink) {
        this.sink = sink;
        this.fromIdToMark = ID_LENGTH + "\",\"room\":\"".length() + room.length() + "\",".length();
    }

    /** Searches from {@code from} to {@code to}; returns the index up to which the bytes are no longer needed. */
    int scan(ByteBuf in, int from, int to) {
        int at = from;
        while (true) {
            int mark = find(in, at, to);
            if (mark < 0) {
                return Math.max(at, to - fromIdToMark - MARK_LENGTH + 1);
            }
            int body = mark + MARK_LENGTH;
            if (body + Body.HEAD > to) {
                return Math.max(at, mark - fromIdToMark);
            }
            sink.message(in, mark - fromIdToMark, body);
            at = body + Body.HEAD;
        }
    }

    private int find(ByteBuf in, int from, int to) {
        int last = to - MARK_LENGTH;
        int guess = from + usual;
        if (guess <= last && in.getLong(guess) == MARK) {
            return guess;
        }
        for (int i = from; i <= last; i++) {
            if (in.getLong(i) == MARK) {
                usual = i - from;
                return i;
            }
        }
        return -1;
    }
}
