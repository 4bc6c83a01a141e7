package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the most recent requests of an event loop, by the bytes of their heads. Heads are often repeated: clients
 * that wait in the same room send the same cursor in identical requests, and a client that publishes sends the same
 * head each time. A head that was parsed and checked once need not be parsed again when the same bytes come again.
 * Confined to the loop.
 */
final class RequestCache {
    /** The largest size of a head that is kept, in bytes. Together, the heads use at most 16 KiB for each loop. */
    static final int MAX_BYTES = 2_048;

    /**
     * The number of unknown requests that pass before one is kept. So the cache costs little when all requests are
     * different.
     */
    static final int PASSED = 7;

    private static final int SIZE = 8;
    private static final FastThreadLocal<RequestCache> CURRENT = new FastThreadLocal<>() {
        @Override
        protected RequestCache initialValue() {
            return new RequestCache();
        }
    };

    /** The most recently used request comes first. */
    private final @Nullable KnownHead[] requests = new @Nullable KnownHead[SIZE];

    private int passed;

    /** Returns the cache of the current thread. */
    static RequestCache current() {
        return CURRENT.get();
    }

    /**
     * Returns the request at the start of {@code in}, if its head is known, has passed all checks for these routes, and
     * its body is complete; otherwise null.
     */
    @Nullable
    KnownHead find(Routes routes, ByteBuf in) {
        for (int i = 0; i < SIZE; i++) {
            KnownHead request = requests[i];
            if (request == null) {
                return null;
            }
            if (request.routes() == routes && startsWith(in, request)) {
                System.arraycopy(requests, 0, requests, 1, i);
                requests[0] = request;
                return request;
            }
        }
        return null;
    }

    /**
     * Chooses some of the requests for the cache.
     *
     * @param in the buffer that has the head of {@code request} directly before its reader index
     * @param start the index at which the head begins
     * @param bodyLength the length of the body that follows, in bytes
     * @return {@code request}; if the request is chosen, a copy which the caller {@linkplain #keep keeps} once it has
     *     passed all checks
     */
    HttpRequest choose(ByteBuf in, int start, HttpRequest request, int bodyLength) {
        int length = in.readerIndex() - start;
        if (length > MAX_BYTES || request.decoderResult().isFailure() || passed++ < PASSED) {
            return request;
        }
        passed = 0;
        byte[] bytes = new byte[length];
        in.getBytes(start, bytes);
        return new CacheableRequest(Unpooled.wrappedBuffer(bytes), bodyLength, request);
    }

    /** Keeps a head. The head that was not used for the longest time is dropped. */
    void keep(KnownHead head) {
        System.arraycopy(requests, 0, requests, 1, SIZE - 1);
        requests[0] = head;
    }

    private static boolean startsWith(ByteBuf in, KnownHead request) {
        int length = request.bytes().readableBytes();
        return in.readableBytes() - length >= request.bodyLength()
                && ByteBufUtil.equals(in, in.readerIndex(), request.bytes(), 0, length);
    }
}
