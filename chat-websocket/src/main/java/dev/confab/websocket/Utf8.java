package dev.confab.websocket;

import io.netty.buffer.ByteBuf;

/**
 * Checks UTF-8 (RFC 3629 section 4) that arrives in pieces. The state between two pieces is an int, which encodes the
 * bytes that may follow. Pure; safe for any thread.
 */
final class Utf8 {
    /** The state between two characters. A text begins in this state and must end in it. */
    static final int BOUNDARY = 0;

    /** The state of a text that is not UTF-8. It does not change any more. */
    static final int BROKEN = -1;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /** Returns the state after the readable bytes of {@code piece}. The reader index is not changed. */
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
        // The range of the second byte is narrowed to exclude overlong forms, surrogates and values above U+10FFFF.
        return switch (b) {
            case 0xE0 -> expect(2, 0xA0, 0xBF);
            case 0xED -> expect(2, 0x80, 0x9F);
            case 0xF0 -> expect(3, 0x90, 0xBF);
            case 0xF4 -> expect(3, 0x80, 0x8F);
            default -> expect(b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3, 0x80, 0xBF);
        };
    }

    /** Returns the state in which {@code left} bytes must follow, the next of them from {@code low} to {@code high}. */
    private static int expect(int left, int low, int high) {
        return left << 16 | low << 8 | high;
    }
}
