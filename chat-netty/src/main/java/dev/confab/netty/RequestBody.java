package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** The body of the request that is arriving. Confined to the event loop. */
final class RequestBody {
    private @Nullable ByteBuf bytes;

    /**
     * Adds a part. One that comes alone is kept as it is; several are copied together, as small pieces of large buffers would
     * hold these in memory.
     *
     * @param part taken over
     * @return false when the body gets larger than {@code max}; then the part was not added
     */
    boolean add(ByteBuf part, int max, ByteBufAllocator allocator) {
        ByteBuf known = bytes;
        int size = part.readableBytes() + (known == null ? 0 : known.readableBytes());
        if (size > max || (known != null && !part.isReadable())) {
            part.release();
            return size <= max;
        }
        bytes = known == null ? part : join(known, part, allocator);
        return true;
    }

    /** Gives it away, empty if there was none. */
    ByteBuf take() {
        ByteBuf known = bytes;
        bytes = null;
        return known == null ? Unpooled.EMPTY_BUFFER : known;
    }

    /** The bytes of the buffer in memory, which may be larger than the part of it that is the body. */
    long held() {
        ByteBuf root = bytes;
        if (root == null) {
            return 0;
        }
        while (root.unwrap() != null) {
            root = root.unwrap();
        }
        return root.capacity();
    }

    void release() {
        take().release();
    }

    private static ByteBuf join(ByteBuf known, ByteBuf part, ByteBufAllocator allocator) {
        ByteBuf whole = known;
        // A part as it came is a slice, which cannot grow.
        if (known.maxWritableBytes() < part.readableBytes()) {
            whole = allocator.buffer(Math.max(1024, 2 * (known.readableBytes() + part.readableBytes())));
            whole.writeBytes(known);
            known.release();
        }
        whole.writeBytes(part);
        part.release();
        return whole;
    }
}
