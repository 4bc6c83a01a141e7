package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** The body of the request that is arriving. Confined to the event loop. */
final class RequestBody {
    private @Nullable ByteBuf bytes;

    /**
     * Adds a part. A single part is kept as it is. Several parts are copied into one buffer, because small slices of
     * large buffers would keep these buffers in memory.
     *
     * @param part is released here, now or later
     * @return false when the body would become larger than {@code max} bytes; then the part was not added
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

    /** Removes and returns the body, which the caller must release; empty when there is none. */
    ByteBuf take() {
        ByteBuf known = bytes;
        bytes = null;
        return known == null ? Unpooled.EMPTY_BUFFER : known;
    }

    /** Returns the size of the underlying buffer in memory, in bytes. The body may be only a part of this buffer. */
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
        // The first part is a slice, which cannot grow.
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
