package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** A status, headers and a body. Filled by its maker, then given away with {@link Exchange#answer}; not thread-safe. */
public final class Response {
    /** The media type of all that is not a problem. */
    public static final AsciiString JSON = AsciiString.cached("application/json");

    private final HttpResponseStatus status;
    private final ByteBuf body;

    /** Name, value, name, value. */
    private final List<CharSequence> headers = new ArrayList<>(4);

    private boolean isUnbounded;

    private Response(HttpResponseStatus status, ByteBuf body) {
        this.status = status;
        this.body = body;
    }

    /** An answer without a body. */
    public static Response of(HttpResponseStatus status) {
        return new Response(status, Unpooled.EMPTY_BUFFER);
    }

    /**
     * An answer to {@linkplain Exchange#takeOver take over} with, whose body is of another protocol.
     *
     * @param body taken over
     */
    public static Response of(HttpResponseStatus status, ByteBuf body) {
        return new Response(status, body);
    }

    /** @param body taken over */
    public static Response of(HttpResponseStatus status, CharSequence contentType, ByteBuf body) {
        return new Response(status, body).with(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    /** @param body taken over */
    public static Response json(HttpResponseStatus status, ByteBuf body) {
        return of(status, JSON, body);
    }

    /**
     * Adds a header. Not for {@code Content-Length}, {@code Cache-Control}, {@code Date} and {@code X-Content-Type-Options}, which
     * are the connection's. {@code Connection} is too, but for {@link Exchange#takeOver} and to name an {@code Upgrade}.
     *
     * @param value printable ASCII
     */
    public Response with(CharSequence name, CharSequence value) {
        check(name);
        check(value);
        headers.add(name);
        headers.add(value);
        return this;
    }

    /** Leaves out {@code Content-Length}: for the response to a HEAD whose GET is a stream. */
    public Response withoutLength() {
        isUnbounded = true;
        return this;
    }

    /**
     * Encodes this head of a response for {@link Exchange#answerWhole}, with the {@code Date} of this moment. The caller appends
     * the body, for which there is room.
     *
     * @param length the number of bytes of the body
     */
    public ByteBuf encodeHead(int length, ByteBufAllocator allocator) {
        return ResponseEncoder.wholeHead(this, length, allocator);
    }

    boolean isUnbounded() {
        return isUnbounded;
    }

    HttpResponseStatus status() {
        return status;
    }

    ByteBuf body() {
        return body;
    }

    List<CharSequence> headers() {
        return headers;
    }

    /** Whether all that its head says is that the body is JSON. */
    boolean isPlainJson() {
        return headers.size() == 2
                && JSON.contentEquals(headers.get(1))
                && HttpHeaderNames.CONTENT_TYPE.contentEquals(headers.get(0));
    }

    boolean has(AsciiString name) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (name.contentEqualsIgnoreCase(headers.get(i))) {
                return true;
            }
        }
        return false;
    }

    void release() {
        body.release();
    }

    /** A line break in a header would be the start of another one. */
    private static void check(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7F) {
                throw new IllegalArgumentException(
                        "header: has the character " + (int) c + " (expected: printable ASCII)");
            }
        }
    }
}
