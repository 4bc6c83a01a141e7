package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The text of a message: its number and its due time at fixed places, then filler up to the requested length. The text
 * contains no character that JSON escapes.
 */
final class Body {
    static final int MAX_LENGTH = 10_000;

    private static final int NUMBER = 8;
    private static final int DUE = 16;
    /** The length of the part that a reader needs: the number and the due time. */
    static final int HEAD = NUMBER + 1 + DUE;

    static final int MIN_LENGTH = HEAD;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Body() {}

    /** Appends a body. */
    static void write(ByteBuf out, int number, long due, int length) {
        writeHex(out, number & 0xffff_ffffL, NUMBER);
        out.writeByte('-');
        writeHex(out, due, DUE);
        for (int i = HEAD; i < length; i++) {
            out.writeByte(i == HEAD ? ' ' : 'a' + i % 26);
        }
    }

    /** @param index where the body starts */
    static int number(ByteBuf in, int index) {
        return (int) readHex(in, index, NUMBER);
    }

    /** @param index where the body starts */
    static long due(ByteBuf in, int index) {
        return readHex(in, index + NUMBER + 1, DUE);
    }

    private static void writeHex(ByteBuf out, long value, int digits) {
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            out.writeByte(DIGITS[(int) (value >>> shift) & 0xf]);
        }
    }

    private static long readHex(ByteBuf in, int index, int digits) {
        long value = 0;
        for (int i = index; i < index + digits; i++) {
            int c = in.getByte(i);
            value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
        }
        return value;
    }
}
