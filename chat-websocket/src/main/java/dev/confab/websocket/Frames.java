package dev.confab.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Encodes frames as a server sends them (RFC 6455 section 5.2): final, unmasked, without extensions. Pure; safe for any
 * thread.
 */
final class Frames {
    private static final int FINAL = 0x80;
    private static final int TEXT = FINAL | 0x1;
    private static final int BINARY = FINAL | 0x2;
    private static final int CLOSE = FINAL | 0x8;
    private static final int PING = FINAL | 0x9;
    private static final int PONG = FINAL | 0xA;

    private Frames() {}

    /** Returns the size of a frame with a payload of this size, in bytes. */
    static int size(int payload) {
        return payload + headSize(payload);
    }

    static void writeText(ByteBuf out, byte[] payload) {
        writeHead(out, TEXT, payload.length);
        out.writeBytes(payload);
    }

    static ByteBuf text(ByteBufAllocator allocator, byte[] payload) {
        ByteBuf out = allocator.ioBuffer(size(payload.length));
        writeText(out, payload);
        return out;
    }

    /** @param payload is not released here */
    static ByteBuf message(ByteBufAllocator allocator, boolean isText, ByteBuf payload) {
        return frame(allocator, isText ? TEXT : BINARY, payload);
    }

    static ByteBuf ping(ByteBufAllocator allocator) {
        return allocator.ioBuffer(2).writeByte(PING).writeByte(0);
    }

    /** @param payload the payload of the ping; is not released here */
    static ByteBuf pong(ByteBufAllocator allocator, ByteBuf payload) {
        return frame(allocator, PONG, payload);
    }

    static ByteBuf close(ByteBufAllocator allocator, CloseCode reason) {
        return close(allocator, reason.code(), reason.phrase());
    }

    /** @param code the peer's code; null when the peer's close frame had no code */
    static ByteBuf closeEcho(ByteBufAllocator allocator, @Nullable Integer code) {
        if (code == null) {
            return allocator.ioBuffer(2).writeByte(CLOSE).writeByte(0);
        }
        return close(allocator, code, "");
    }

    /** @param phrase at most 123 bytes of UTF-8 */
    static ByteBuf close(ByteBufAllocator allocator, int code, String phrase) {
        int length = 2 + ByteBufUtil.utf8Bytes(phrase);
        ByteBuf out = allocator.ioBuffer(size(length));
        writeHead(out, CLOSE, length);
        out.writeShort(code);
        ByteBufUtil.writeUtf8(out, phrase);
        return out;
    }

    private static ByteBuf frame(ByteBufAllocator allocator, int first, ByteBuf payload) {
        int length = payload.readableBytes();
        ByteBuf out = allocator.ioBuffer(size(length));
        writeHead(out, first, length);
        return out.writeBytes(payload, payload.readerIndex(), length);
    }

    private static int headSize(int payload) {
        if (payload < 126) {
            return 2;
        }
        return payload <= 0xFFFF ? 4 : 10;
    }

    private static void writeHead(ByteBuf out, int first, int payload) {
        out.writeByte(first);
        switch (headSize(payload)) {
            case 2 -> out.writeByte(payload);
            case 4 -> out.writeByte(126).writeShort(payload);
            default -> out.writeByte(127).writeLong(payload);
        }
    }
}
