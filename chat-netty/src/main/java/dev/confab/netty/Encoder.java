package dev.confab.netty;

import dev.confab.core.Batch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Turns entries into the bytes that a transport writes to every reader of them. Pure; called on any event loop. */
@FunctionalInterface
public interface Encoder {
    /**
     * @param batch at least one entry
     * @return the caller's to release
     */
    ByteBuf encode(Batch batch, ByteBufAllocator allocator);
}
