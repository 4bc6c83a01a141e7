package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.netty.Encoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The answer to a poll, head included: an HTTP/1.1 response whose body is a JSON array of the entries. */
final class PageEncoder implements Encoder {
    /** RFC 9112 section 4; field names are case-insensitive, lower case is what HTTP/2 would send. */
    private static final byte[] HEAD = ascii(String.join(
            "\r\n", "HTTP/1.1 200 OK", "content-type: application/json", "cache-control: no-store", "chat-cursor: "));

    private static final byte[] LENGTH = ascii("\r\ncontent-length: ");
    private static final byte[] END_OF_HEAD = ascii("\r\n\r\n");

    /** Empty for a page that is too large for one write: see {@link PagedAnswer}. */
    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        int length = bodyLength(batch.entries());
        if (length > Limit.WRITE.bytes()) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf out = head(batch.to(), length, allocator);
        writeBody(out, batch.entries());
        return out;
    }

    private static ByteBuf head(MessageId cursor, int length, ByteBufAllocator allocator) {
        ByteBuf out = allocator.directBuffer(HEAD.length + 80 + length);
        out.writeBytes(HEAD);
        ByteBufUtil.writeAscii(out, cursor.toString());
        out.writeBytes(LENGTH);
        ByteBufUtil.writeAscii(out, Integer.toString(length));
        return out.writeBytes(END_OF_HEAD);
    }

    static int bodyLength(List<Entry> entries) {
        int length = 2 + Math.max(0, entries.size() - 1);
        for (Entry entry : entries) {
            length += entry.json().length;
        }
        return length;
    }

    static void writeBody(ByteBuf out, List<Entry> entries) {
        char before = '[';
        for (Entry entry : entries) {
            out.writeByte(before).writeBytes(entry.json());
            before = ',';
        }
        if (entries.isEmpty()) {
            out.writeByte('[');
        }
        out.writeByte(']');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
