package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header lines of a request that was decoded and checked before, with the results of both. The results hold for
 * every request that has the same method, the same version and, byte for byte, the same header lines: apart from these,
 * a request line has only a target, and no check compares the target with a header. Confined to the event loop.
 */
final class KnownHeaders {
    /** The largest size of header lines that are kept, in bytes. Browsers send 400 to 1,000 bytes. */
    static final int MAX_BYTES = 2_048;

    /** The largest number of header lines that are kept, because a decoded header may be larger than its bytes. */
    static final int MAX_HEADERS = 32;

    /** The approximate memory that the objects of a decoded header use besides its characters, in bytes. */
    private static final int HEADER_MEMORY = 144;

    /** The approximate memory that the other objects use, in bytes. */
    private static final int OWN_MEMORY = 320;

    /** Requests with one of these headers are always decoded. Their body has no fixed length, or they are rare. */
    private static final List<CharSequence> DECODED =
            List.of(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderNames.EXPECT, HttpHeaderNames.UPGRADE);

    /** The subprotocols may contain a token, also in a request that is no handshake. */
    private static final List<CharSequence> SECRETS = List.of(
            HttpHeaderNames.COOKIE,
            HttpHeaderNames.AUTHORIZATION,
            HttpHeaderNames.PROXY_AUTHORIZATION,
            HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);

    private final ByteBuf bytes;
    private final Routes routes;
    private final HttpMethod method;
    private final HttpVersion version;
    private final HttpHeaders headers;
    private final int bodyLength;
    private final boolean wantsKeepAlive;
    private final @Nullable String granted;
    private final boolean isPersonal;
    private int connections;

    private KnownHeaders(ByteBuf bytes, Routes routes, HttpRequest request, int bodyLength) {
        this.bytes = bytes;
        this.routes = routes;
        this.method = request.method();
        this.version = request.protocolVersion();
        this.headers = request.headers();
        this.bodyLength = bodyLength;
        this.wantsKeepAlive = RequestHead.wantsKeepAlive(request);
        this.granted = routes.origins().granted(headers);
        this.isPersonal = hasOneOf(headers, SECRETS);
    }

    /**
     * Creates the known form of a request's header lines, which must not be used before the request has passed all
     * checks of {@code routes}.
     *
     * @param in the buffer that has the header lines, and the empty line at their end, directly before its reader index
     * @param start the index at which the header lines begin
     * @param bodyLength the length of the body, in bytes; not negative
     * @return null if requests with these header lines must always be decoded
     */
    static @Nullable KnownHeaders of(ByteBuf in, int start, Routes routes, HttpRequest request, int bodyLength) {
        int length = in.readerIndex() - start;
        HttpHeaders headers = request.headers();
        if (length > MAX_BYTES
                || headers.size() > MAX_HEADERS
                || hasOneOf(headers, DECODED)
                // Some paths accept requests from refused origins, others do not.
                || routes.origins().refuses(headers)) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.getBytes(start, bytes);
        return new KnownHeaders(Unpooled.wrappedBuffer(bytes), routes, request, bodyLength);
    }

    /** Returns whether the bytes from {@code start} on are these header lines, followed by the complete body. */
    boolean areAt(ByteBuf in, int start) {
        int length = length();
        return in.writerIndex() - start - length >= bodyLength && ByteBufUtil.equals(in, start, bytes, 0, length);
    }

    /** Returns whether the results hold for requests with this line. */
    boolean fit(RequestLine line) {
        return method.equals(line.method()) && version.equals(line.version());
    }

    /** Returns the length of the header lines with the empty line at their end, in bytes. */
    int length() {
        return bytes.readableBytes();
    }

    Routes routes() {
        return routes;
    }

    HttpHeaders headers() {
        return headers;
    }

    /** Returns the length of the body, in bytes; not negative. */
    int bodyLength() {
        return bodyLength;
    }

    boolean wantsKeepAlive() {
        return wantsKeepAlive;
    }

    /** Returns the foreign origin that the request comes from, if that origin is allowed; otherwise null. */
    @Nullable
    String granted() {
        return granted;
    }

    /**
     * Returns whether the header lines contain a secret of one client. The header lines of other connections are never
     * compared with such header lines, because the duration of a comparison tells how many bytes are equal.
     */
    boolean isPersonal() {
        return isPersonal;
    }

    /** Returns the approximate size in memory, in bytes: the bytes, and their characters in decoded headers. */
    int memory() {
        return 2 * length() + HEADER_MEMORY * headers.size() + OWN_MEMORY;
    }

    /** Counts a connection that keeps these header lines. Returns whether this connection is the first one. */
    boolean addConnection() {
        return connections++ == 0;
    }

    /** Returns whether the removed connection was the last one. */
    boolean removeConnection() {
        return --connections == 0;
    }

    private static boolean hasOneOf(HttpHeaders headers, List<CharSequence> names) {
        for (CharSequence name : names) {
            if (headers.contains(name)) {
                return true;
            }
        }
        return false;
    }
}
