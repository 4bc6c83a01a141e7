package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** The request that is arriving: its head, and as much of its body as has arrived. Confined to the event loop. */
final class IncomingRequest {
    private @Nullable HttpRequest head;
    private @Nullable ByteBuf body;

    /** @param checked the head of a valid request, whose body is added next */
    void begin(HttpRequest checked) {
        head = checked;
    }

    /** Returns whether the head has arrived, but not all of the body. */
    boolean isBegun() {
        return head != null;
    }

    /**
     * Adds a part of the body. A part that belongs to no request is discarded.
     *
     * @param part is released here, now or later
     * @return whether the request is complete
     * @throws HttpException when the body does not match its headers, or is larger than {@code maxBody} bytes
     */
    boolean add(HttpContent part, int maxBody, ByteBufAllocator allocator) {
        if (head == null) {
            part.release();
            return false;
        }
        if (part.decoderResult().isFailure()) {
            part.release();
            throw RequestCheck.bad("The body does not match its headers");
        }
        addToBody(part.content(), maxBody, allocator);
        return part instanceof LastHttpContent;
    }

    /**
     * Removes and returns the head of the complete request. The caller also {@linkplain #takeBody takes} the body.
     *
     * @throws IllegalStateException when no request is arriving
     */
    HttpRequest takeHead() {
        HttpRequest complete = head;
        if (complete == null) {
            throw new IllegalStateException("request: none (expected: a complete request)");
        }
        head = null;
        return complete;
    }

    /** Removes and returns the body, which the caller must release; empty when there is none. */
    ByteBuf takeBody() {
        ByteBuf known = body;
        body = null;
        return known == null ? Unpooled.EMPTY_BUFFER : known;
    }

    /** Returns the size of the body's buffer in memory, in bytes. */
    long held() {
        ByteBuf known = body;
        return known == null ? 0 : memory(known);
    }

    /** Returns the size of the buffer in memory of which a body may be a part, in bytes. */
    static long memory(ByteBuf body) {
        ByteBuf root = body;
        while (root.unwrap() != null) {
            root = root.unwrap();
        }
        return root.capacity();
    }

    /** Discards the request. */
    void discard() {
        head = null;
        takeBody().release();
    }

    /**
     * A single part is kept as it is. Several parts are copied into one buffer, because small slices of large buffers
     * would keep these buffers in memory.
     */
    private void addToBody(ByteBuf part, int max, ByteBufAllocator allocator) {
        ByteBuf known = body;
        int size = part.readableBytes() + (known == null ? 0 : known.readableBytes());
        if (size > max) {
            part.release();
            throw RequestCheck.tooLarge(max);
        }
        if (known != null && !part.isReadable()) {
            part.release();
        } else {
            body = known == null ? part : join(known, part, allocator);
        }
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
