package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;

/**
 * Finds messages in what any transport sends, without parsing the JSON: a quote in a text is escaped, so {@code "body":"} stands
 * nowhere but where a body starts, and all before it has a fixed length. For one thread.
 */
final class EntryScanner {
    /** {@code "body":"}, eight bytes. */
    private static final long MARK = 0x22_62_6f_64_79_22_3a_22L;

    private static final int MARK_LENGTH = Long.BYTES;
    private static final int ID_LENGTH = 26;

    /** Of one message. */
    interface Sink {
        /**
         * @param id where the 26 characters of its id start
         * @param body where its body starts, of which the head is there
         */
        void message(ByteBuf in, int id, int body);
    }

    private final Sink sink;
    private final int fromIdToMark;

    /** Where the mark was the last time: messages of a run have one length. */
    private int usual;

    EntryScanner(String room, Sink sink) {
        this.sink = sink;
        this.fromIdToMark = ID_LENGTH + "\",\"room\":\"".length() + room.length() + "\",".length();
    }

    /** Looks from {@code from} to {@code to}; returns the index up to which nothing is needed any more. */
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
