package dev.confab.websocket;

import io.netty.buffer.ByteBuf;

/**
 * Checks UTF-8 (RFC 3629 section 4) that comes in pieces. The state between two pieces is an int: what may follow. Pure; safe
 * for any thread.
 */
final class Utf8 {
    /** Between two characters: where text begins, and where it may end. */
    static final int BOUNDARY = 0;

    /** It is not UTF-8, whatever comes. */
    static final int BROKEN = -1;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /** The state after the readable bytes of {@code piece}, which stay readable. */
    static int check(int state, ByteBuf piece) {
        int at = piece.readerIndex();
        int end = piece.writerIndex();
        int now = state;
        while (at < end && now != BROKEN) {
            if (now == BOUNDARY && end - at >= Long.BYTES && (piece.getLong(at) & NOT_ASCII) == 0) {
                at += Long.BYTES;
            } else {
                now = next(now, piece.getByte(at) & 0xFF);
                at++;
            }
        }
        return now;
    }

    private static int next(int state, int b) {
        if (state == BOUNDARY) {
            return first(b);
        }
        int left = state >> 16;
        int low = state >> 8 & 0xFF;
        int high = state & 0xFF;
        if (b < low || b > high) {
            return BROKEN;
        }
        return left == 1 ? BOUNDARY : expect(left - 1, 0x80, 0xBF);
    }

    private static int first(int b) {
        if (b < 0x80) {
            return BOUNDARY;
        }
        if (b < 0xC2 || b > 0xF4) {
            return BROKEN;
        }
        // The second byte is narrowed where overlong forms, surrogates and what is past U+10FFFF would be.
        return switch (b) {
            case 0xE0 -> expect(2, 0xA0, 0xBF);
            case 0xED -> expect(2, 0x80, 0x9F);
            case 0xF0 -> expect(3, 0x90, 0xBF);
            case 0xF4 -> expect(3, 0x80, 0x8F);
            default -> expect(b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3, 0x80, 0xBF);
        };
    }

    /** So many bytes are to follow, the next one between these. */
    private static int expect(int left, int low, int high) {
        return left << 16 | low << 8 | high;
    }
}
