package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header lines that a connection sends with each of its requests. They are kept once the connection has sent them
 * twice in a row, so a connection with a single request costs only a hash. Confined to the event loop.
 */
final class RepeatedHeaders {
    private final Routes routes;
    private @Nullable KnownHeaders known;

    /** The hash of the header lines of the last request, if they were unknown; otherwise 0. */
    private int lastHash;

    RepeatedHeaders(Routes routes) {
        this.routes = routes;
    }

    /**
     * Returns the known header lines that are at {@code start}, with a complete body behind them; otherwise null.
     *
     * @param line the request line, if it is known; the result fits to this line
     */
    @Nullable
    KnownHeaders find(ByteBuf in, int start, @Nullable KnownLine line) {
        KnownHeaders own = known;
        boolean isOwn = own != null && (line == null || own.fit(line.line())) && own.areAt(in, start);
        return isOwn ? own : RequestCache.current().headers(routes, in, start, line);
    }

    /**
     * Returns a request whose head was decoded as a whole, in a form that becomes known when the request has passed all
     * checks, if the connection has sent the same header lines twice in a row, or if the cache has chosen these header
     * lines for all connections.
     *
     * @param in the buffer that has the head of {@code request} directly before its reader index
     * @param start the index at which the head begins
     * @param bodyLength the length of the body that follows, in bytes
     */
    HttpRequest choose(ByteBuf in, int start, HttpRequest request, int bodyLength) {
        int end = in.readerIndex();
        int headersStart = in.indexOf(start, end, (byte) '\n') + 1;
        if (end - headersStart > KnownHeaders.MAX_BYTES || !isLineOf(request, in, start, headersStart)) {
            return request;
        }
        RequestCache cache = RequestCache.current();
        int hash = RequestCache.hash(in, headersStart, end);
        boolean isRepeated = hash == lastHash && cache.hasRoom();
        lastHash = hash;
        if (!isRepeated && !cache.isChosen()) {
            return request;
        }
        KnownHeaders headers = KnownHeaders.of(in, headersStart, routes, request, bodyLength);
        return headers == null || (headers.isPersonal() && !isRepeated)
                ? request
                : withLine(in, start, headersStart, request, headers);
    }

    /**
     * Returns a request in a form that becomes known when the request has passed all checks.
     *
     * @param start the index in {@code in} at which the request line begins
     * @param end the index behind its line break
     * @param headers replace the headers of {@code request}
     */
    CacheableRequest withLine(ByteBuf in, int start, int end, HttpRequest request, KnownHeaders headers) {
        ByteBuf line = null;
        if (end - start <= RequestCache.MAX_LINE && isLineOf(request, in, start, end)) {
            byte[] bytes = new byte[end - start];
            in.getBytes(start, bytes);
            line = Unpooled.wrappedBuffer(bytes);
        }
        return new CacheableRequest(this, line, headers, request);
    }

    /** Keeps the header lines of a request that has passed all checks, instead of those that were kept before. */
    void keep(KnownHeaders used) {
        lastHash = 0;
        RequestCache cache = RequestCache.current();
        cache.share(used);
        if (used != known) {
            forget();
            known = cache.retain(used) ? used : null;
        }
    }

    void forget() {
        if (known != null) {
            RequestCache.current().release(known);
            known = null;
        }
    }

    /** Returns whether the bytes are the request's line in its usual form, and nothing else. */
    private static boolean isLineOf(HttpRequest request, ByteBuf in, int start, int end) {
        String line = request.method() + " " + request.uri() + " " + request.protocolVersion() + "\r\n";
        return line.length() == end - start
                && line.equals(in.toString(start, end - start, StandardCharsets.ISO_8859_1));
    }
}
