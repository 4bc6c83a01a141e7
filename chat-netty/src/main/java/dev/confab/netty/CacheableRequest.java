package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request whose line and headers are known from the moment when it has passed all checks and has an endpoint. */
final class CacheableRequest extends DefaultHttpRequest {
    private final RepeatedHeaders connection;
    private final @Nullable ByteBuf line;
    private final KnownHeaders known;

    /**
     * @param connection keeps the headers
     * @param line the bytes of the request line, on the heap and unpooled; null if the line is not kept
     * @param known replace the headers of {@code request}
     */
    CacheableRequest(RepeatedHeaders connection, @Nullable ByteBuf line, KnownHeaders known, HttpRequest request) {
        super(request.protocolVersion(), request.method(), request.uri(), known.headers());
        setDecoderResult(request.decoderResult());
        this.connection = connection;
        this.line = line;
        this.known = known;
    }

    /**
     * Keeps the line and the headers.
     *
     * @param parsed the line of this request
     */
    void keep(RequestLine parsed, Endpoint endpoint) {
        if (line != null) {
            RequestCache.current().keep(new KnownLine(line, known.routes(), parsed, endpoint));
        }
        connection.keep(known);
    }
}
