package dev.confab.netty;

import dev.confab.core.Batch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;

/** Turns entries into the bytes that a transport writes to every reader of them. Pure; called on any event loop. */
@FunctionalInterface
public interface Encoder {
    /**
     * @param batch at least one entry
     * @return the caller's to release
     */
    ByteBuf encode(Batch batch, ByteBufAllocator allocator);

    /**
     * For how long encoded bytes may be sent to further readers; after that the same entries are encoded again. Without a
     * limit by default; bytes that contain a date have one.
     */
    default Duration lifetime() {
        return Duration.ofNanos(Long.MAX_VALUE);
    }
}
