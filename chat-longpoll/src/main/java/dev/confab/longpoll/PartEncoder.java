package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.netty.Encoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Encodes the entries of a part of a page, each with a comma before it. The bytes are in the heap: they are copied into
 * the part of each response, so that a part that a slow client does not take holds no other bytes.
 */
final class PartEncoder implements Encoder {
    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        ByteBuf out = allocator.heapBuffer(length(batch.entries()));
        for (Entry entry : batch.entries()) {
            out.writeByte(',').writeBytes(entry.json());
        }
        return out;
    }

    /** Returns the number of bytes of these entries, with the commas. */
    static int length(List<Entry> entries) {
        int length = 0;
        for (Entry entry : entries) {
            length += 1 + entry.json().length;
        }
        return length;
    }
}
