package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Limit;
import dev.confab.netty.Encoder;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;

/** Encodes the response to a poll, with its head: an HTTP/1.1 response whose body is a JSON array of the entries. */
final class PageEncoder implements Encoder {
    private static final String CHAT_CURSOR = "chat-cursor";

    /** The lifetime of an encoded response, which contains its date. */
    static final Duration LIFETIME = Duration.ofSeconds(1);

    /** Returns an empty buffer for a page that is too large for one write: {@link PagedAnswer} sends that page. */
    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        int length = bodyLength(batch.entries());
        if (length > Limit.WRITE.bytes()) {
            return Unpooled.EMPTY_BUFFER;
        }
        // The cursor has the form of the ids in the entries, so that a client gets one form only.
        String cursor = batch.ids().format(batch.to());
        ByteBuf out = withCursor(cursor, Response.json(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER))
                .encodeHead(length, allocator);
        writeBody(out, batch.entries());
        return out;
    }

    @Override
    public Duration lifetime() {
        return LIFETIME;
    }

    static Response withCursor(String cursor, Response answer) {
        return answer.with(CHAT_CURSOR, cursor);
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
}
