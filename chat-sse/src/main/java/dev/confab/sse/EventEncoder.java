package dev.confab.sse;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.Message;
import dev.confab.netty.Encoder;
import dev.confab.netty.Hello;
import dev.confab.netty.LiveEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the event stream (HTML, section 9.2). Each write is one chunk of an HTTP/1.1 body (RFC 9112 section 7.1), so
 * that every reader gets the same bytes. For HTTP/1.0, {@link #unwrap} removes the frame of the chunk.
 *
 * <p>No field can contain CR or LF, which end a line, or NUL, which makes an id invalid: ids are ULIDs or UUIDs, types
 * are constants, and data is JSON, in which all control characters are escaped.
 */
final class EventEncoder implements Encoder {
    private static final byte[] ID = ascii("id: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] RETRY = ascii("retry: ");
    private static final byte[] END_OF_BLOCK = ascii("\n\n");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
    private static final String HELLO = "hello";
    private static final String GAP = "gap";
    private static final String ERROR = "error";

    /** The space for the frame of a chunk (its length in hexadecimal and two line ends) and for the last chunk. */
    private static final int FRAME = 8 + 2 + 2 + LAST_CHUNK.length;

    private static final ByteBuf HEARTBEAT = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(8).writeBytes(ascii("3\r\n:\n\n\r\n")).asReadOnly());

    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        int length = 0;
        for (Entry entry : batch.entries()) {
            length += length(idOf(entry), eventOf(entry), entry.json());
        }
        ByteBuf out = begin(length, allocator);
        for (Entry entry : batch.entries()) {
            write(out, idOf(entry), eventOf(entry), entry.json());
        }
        return end(out);
    }

    /**
     * Encodes the beginning of a stream: {@code retry:}, which is the time to wait before connecting again, and
     * {@code hello}, with the id to send when connecting again if no other event arrives. {@code hello} is an event,
     * because clients forget the id of a block without data.
     *
     * <p>If there is a gap, the event of the gap has this id, and {@code hello} has none. Otherwise {@code hello} might
     * be the only event that arrives, and the client would never learn of the gap.
     */
    static ByteBuf opening(int retryMillis, Hello hello, @Nullable Gap gap, ByteBufAllocator allocator) {
        String retry = Integer.toString(retryMillis);
        String cursor = hello.ids().format(hello.cursor());
        String id = gap == null ? cursor : null;
        byte[] greeting = hello.json();
        byte[] json = gap == null ? null : gap.json(hello.ids());
        int length = retryLength(retry) + length(id, HELLO, greeting);
        ByteBuf out = begin(json == null ? length : length + length(cursor, GAP, json), allocator);
        writeRetry(out, retry);
        write(out, id, HELLO, greeting);
        if (json != null) {
            write(out, cursor, GAP, json);
        }
        return end(out);
    }

    static ByteBuf gap(Gap gap, IdFormat ids, ByteBufAllocator allocator) {
        String id = ids.format(gap.to());
        byte[] json = gap.json(ids);
        ByteBuf out = begin(length(id, GAP, json), allocator);
        write(out, id, GAP, json);
        return end(out);
    }

    /** Encodes an event that is not in the log. It has no id, so that the client keeps its cursor. */
    static ByteBuf live(LiveEvent event, ByteBufAllocator allocator) {
        String type = event.type().code();
        ByteBuf out = begin(length(null, type, event.json()), allocator);
        write(out, null, type, event.json());
        return end(out);
    }

    /** Returns a comment, which clients ignore. */
    static ByteBuf heartbeat() {
        return HEARTBEAT.duplicate();
    }

    /** Encodes the last block of a stream that the server ends, without the end of the body. */
    static ByteBuf farewell(int retryMillis, ByteBufAllocator allocator) {
        String retry = Integer.toString(retryMillis);
        ByteBuf out = begin(retryLength(retry), allocator);
        writeRetry(out, retry);
        return end(out);
    }

    /** Encodes the last event of a stream that may not go on, without the end of the body. */
    static ByteBuf error(byte[] problem, ByteBufAllocator allocator) {
        ByteBuf out = begin(length(null, ERROR, problem), allocator);
        write(out, null, ERROR, problem);
        return end(out);
    }

    /** Appends the end of a chunked body, which shows the client that the body was not cut off. */
    static ByteBuf endOfBody(ByteBuf out) {
        return out.writeBytes(LAST_CHUNK);
    }

    /** @return {@code chunk} itself, without its frame */
    static ByteBuf unwrap(ByteBuf chunk) {
        return chunk.skipBytes(chunk.bytesBefore((byte) '\n') + 1).writerIndex(chunk.writerIndex() - CRLF.length);
    }

    private static ByteBuf begin(int length, ByteBufAllocator allocator) {
        ByteBuf out = allocator.directBuffer(length + FRAME);
        ByteBufUtil.writeAscii(out, Integer.toHexString(length));
        return out.writeBytes(CRLF);
    }

    private static ByteBuf end(ByteBuf out) {
        return out.writeBytes(CRLF);
    }

    private static void write(ByteBuf out, @Nullable String id, @Nullable String event, byte[] json) {
        if (id != null) {
            out.writeBytes(ID);
            ByteBufUtil.writeAscii(out, id);
            out.writeByte('\n');
        }
        if (event != null) {
            out.writeBytes(EVENT);
            ByteBufUtil.writeAscii(out, event);
            out.writeByte('\n');
        }
        out.writeBytes(DATA).writeBytes(json).writeBytes(END_OF_BLOCK);
    }

    private static void writeRetry(ByteBuf out, String retry) {
        out.writeBytes(RETRY);
        ByteBufUtil.writeAscii(out, retry);
        out.writeBytes(END_OF_BLOCK);
    }

    private static int length(@Nullable String id, @Nullable String event, byte[] json) {
        int start = id == null ? 0 : ID.length + id.length() + 1;
        int type = event == null ? 0 : EVENT.length + event.length() + 1;
        return start + type + DATA.length + json.length + END_OF_BLOCK.length;
    }

    private static int retryLength(String retry) {
        return RETRY.length + retry.length() + END_OF_BLOCK.length;
    }

    private static String idOf(Entry entry) {
        return entry.ids().format(entry.id());
    }

    /** Returns the event type, or null for a message, because {@code message} is the default type of clients. */
    private static @Nullable String eventOf(Entry entry) {
        Message.Type type = entry.message().type();
        return type == Message.Type.MESSAGE ? null : type.code();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
