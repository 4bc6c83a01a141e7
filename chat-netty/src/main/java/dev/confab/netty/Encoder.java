package dev.confab.netty;

import dev.confab.core.Batch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;

/**
 * Encodes entries as the bytes that a transport writes to every reader of these entries. Pure; called on any event
 * loop.
 */
@FunctionalInterface
public interface Encoder {
    /**
     * @param batch has at least one entry
     * @return the encoded bytes; the caller releases the buffer
     */
    ByteBuf encode(Batch batch, ByteBufAllocator allocator);

    /**
     * The time for which encoded bytes may be sent to further readers. After that time, the same entries are encoded
     * again. By default there is no limit. An encoder whose bytes contain a date has a limit.
     */
    default Duration lifetime() {
        return Duration.ofNanos(Long.MAX_VALUE);
    }
}
