package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/**
 * A status, headers and a body. The endpoint fills the response and passes it to {@link Exchange#answer}. Not
 * thread-safe.
 */
public final class Response {
    /** The media type of all JSON responses that are not problems. */
    public static final AsciiString JSON = AsciiString.cached("application/json");

    private final HttpResponseStatus status;
    private final ByteBuf body;

    /** Names and values in turn: name, value, name, value, … */
    private final List<CharSequence> headers = new ArrayList<>(4);

    private boolean isUnbounded;

    private Response(HttpResponseStatus status, ByteBuf body) {
        this.status = status;
        this.body = body;
    }

    /** Creates a response without a body. */
    public static Response of(HttpResponseStatus status) {
        return new Response(status, Unpooled.EMPTY_BUFFER);
    }

    /**
     * Creates the response for {@linkplain Exchange#takeOver taking a connection over}. Its body has no media type,
     * because it belongs to another protocol.
     *
     * @param body is released when the response has been sent
     */
    public static Response of(HttpResponseStatus status, ByteBuf body) {
        return new Response(status, body);
    }

    /** @param body is released when the response has been sent */
    public static Response of(HttpResponseStatus status, CharSequence contentType, ByteBuf body) {
        return new Response(status, body).with(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    /** @param body is released when the response has been sent */
    public static Response json(HttpResponseStatus status, ByteBuf body) {
        return of(status, JSON, body);
    }

    /**
     * Adds a header. Do not add {@code Content-Length}, {@code Cache-Control}, {@code Date} or
     * {@code X-Content-Type-Options}: the connection adds these itself. It also adds {@code Connection}; add this
     * header only for {@link Exchange#takeOver}, or to name {@code Upgrade} as a connection option.
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

    /** Omits {@code Content-Length}. Used for the response to a HEAD request on a path where a GET gets a stream. */
    public Response withoutLength() {
        isUnbounded = true;
        return this;
    }

    /**
     * Encodes the head of this response for {@link Exchange#answerWhole}, with the current {@code Date}. The buffer has
     * room for the body, which the caller appends.
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

    /** Returns whether the media type JSON is the only header of this response. */
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

    /** Rejects control characters, because a line break in a header would start another header. */
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
