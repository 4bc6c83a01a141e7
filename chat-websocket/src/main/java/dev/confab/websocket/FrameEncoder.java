package dev.confab.websocket;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.netty.Encoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Encodes entries as WebSocket frames. Each entry is a text message in one unmasked frame. Pure; safe for any thread.
 */
final class FrameEncoder implements Encoder {
    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        List<Entry> entries = batch.entries();
        int size = 0;
        for (Entry entry : entries) {
            size += Frames.size(entry.json().length);
        }
        ByteBuf out = allocator.directBuffer(size);
        for (Entry entry : entries) {
            Frames.writeText(out, entry.json());
        }
        return out;
    }
}
