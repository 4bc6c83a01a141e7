package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The last requests of an event loop, by the bytes of their heads. Who waits in a room asks as the others there do: the same
 * cursor in the same words; who publishes does so in the words of last time. What was taken apart and checked once is known when
 * it comes again, byte for byte. Confined to the loop.
 */
final class RequestCache {
    /** Longer ones are not kept: 16 KiB a loop. */
    static final int MAX_BYTES = 2_048;

    /** Of those that are not known, so many pass before one is kept: where all are different, keeping them costs little. */
    static final int PASSED = 7;

    private static final int SIZE = 8;
    private static final FastThreadLocal<RequestCache> CURRENT = new FastThreadLocal<>() {
        @Override
        protected RequestCache initialValue() {
            return new RequestCache();
        }
    };

    /** The one that was used last is the first. */
    private final @Nullable KnownHead[] requests = new @Nullable KnownHead[SIZE];

    private int passed;

    /** The current thread's. */
    static RequestCache current() {
        return CURRENT.get();
    }

    /** The request that {@code in} begins with, body included, if its head is known and was found to be fine for these routes. */
    @Nullable
    KnownHead find(Routes routes, ByteBuf in) {
        for (int i = 0; i < SIZE; i++) {
            KnownHead request = requests[i];
            if (request == null) {
                return null;
            }
            if (request.endpoint != null && request.routes == routes && startsWith(in, request)) {
                System.arraycopy(requests, 0, requests, 1, i);
                requests[0] = request;
                return request;
            }
        }
        return null;
    }

    /**
     * @param in the head that {@code request} was made of lies there before the reader index
     * @param start where it begins
     * @param bodyLength of the body that follows, bytes
     * @return {@code request}, or what is kept of it
     */
    HttpRequest offer(Routes routes, ByteBuf in, int start, HttpRequest request, int bodyLength) {
        int length = in.readerIndex() - start;
        if (length > MAX_BYTES || request.decoderResult().isFailure() || passed++ < PASSED) {
            return request;
        }
        passed = 0;
        byte[] bytes = new byte[length];
        in.getBytes(start, bytes);
        KnownHead kept = new KnownHead(Unpooled.wrappedBuffer(bytes), routes, request, bodyLength);
        System.arraycopy(requests, 0, requests, 1, SIZE - 1);
        requests[0] = kept;
        return kept;
    }

    private static boolean startsWith(ByteBuf in, KnownHead request) {
        int length = request.bytes.readableBytes();
        return in.readableBytes() - length >= request.bodyLength
                && ByteBufUtil.equals(in, in.readerIndex(), request.bytes, 0, length);
    }
}
