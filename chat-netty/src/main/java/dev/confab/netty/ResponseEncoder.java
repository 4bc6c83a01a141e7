package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes responses as HTTP/1.1: as bytes for our own pipeline, or as objects for a foreign encoder. Pure; safe for any
 * thread.
 */
final class ResponseEncoder {
    private static final byte[] NO_STORE = ascii("cache-control: no-store\r\n");

    /** Prevents a browser from treating a published text as a page or a script. */
    private static final byte[] NO_SNIFF = ascii("x-content-type-options: nosniff\r\n");

    private static final AsciiString CONTENT_TYPE_OPTIONS = AsciiString.cached("x-content-type-options");
    private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");
    private static final byte[] VERSION = ascii("HTTP/1.1 ");
    private static final byte[] LENGTH = ascii("content-length: ");
    private static final byte[] CONNECTION = ascii("connection: ");
    private static final byte[] OK_JSON = ascii("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n");
    private static final byte[] CREATED_JSON = ascii("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n");
    private static final byte[] INTERIM = ascii("HTTP/1.1 100 Continue\r\n\r\n");

    private ResponseEncoder() {}

    /**
     * Returns the value of the {@code Connection} header; null when the header is not needed because of the HTTP
     * version.
     */
    static @Nullable CharSequence connection(boolean keepAlive, boolean isHttp11) {
        if (!keepAlive) {
            return HttpHeaderValues.CLOSE;
        }
        return isHttp11 ? null : HttpHeaderValues.KEEP_ALIVE;
    }

    /** Encodes the head of a response whose whole body follows, with {@code extra} bytes of room after the head. */
    static ByteBuf head(Response answer, @Nullable CharSequence connection, ByteBufAllocator allocator, int extra) {
        ByteBuf out = start(answer, connection, allocator, extra);
        if (hasLength(answer)) {
            length(out, answer.body().readableBytes());
        }
        lineBreak(out);
        return out;
    }

    /** Encodes the head of a response whose body of {@code length} bytes is written later. */
    static ByteBuf lengthHead(
            Response answer, @Nullable CharSequence connection, int length, ByteBufAllocator allocator) {
        return lengthHead(answer, connection, length, allocator, 0);
    }

    /**
     * Encodes the head of a complete response on a connection that stays open, with room after the head for the body of
     * {@code length} bytes.
     */
    static ByteBuf wholeHead(Response answer, int length, ByteBufAllocator allocator) {
        return lengthHead(answer, null, length, allocator, length);
    }

    private static ByteBuf lengthHead(
            Response answer, @Nullable CharSequence connection, int length, ByteBufAllocator allocator, int extra) {
        ByteBuf out = start(answer, connection, allocator, extra);
        length(out, length);
        lineBreak(out);
        return out;
    }

    private static void length(ByteBuf out, int length) {
        out.writeBytes(LENGTH);
        ByteBufUtil.writeAscii(out, Integer.toString(length));
        lineBreak(out);
    }

    /** Encodes a head without a length. The body ends with the connection, unless the headers define another end. */
    static ByteBuf streamHead(Response answer, @Nullable CharSequence connection, ByteBufAllocator allocator) {
        ByteBuf out = start(answer, connection, allocator, 0);
        lineBreak(out);
        return out;
    }

    static ByteBuf interim(ByteBufAllocator allocator) {
        return allocator.ioBuffer(INTERIM.length).writeBytes(INTERIM);
    }

    /** @return the response, which releases the body */
    static FullHttpResponse response(Response answer, @Nullable CharSequence connection) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                answer.status(),
                answer.body(),
                DefaultHttpHeadersFactory.headersFactory(),
                DefaultHttpHeadersFactory.trailersFactory());
        addHeaders(response.headers(), answer, connection, length(answer));
        return response;
    }

    /** Returns the head of a response to a HEAD request. */
    static HttpResponse responseHead(Response answer, @Nullable CharSequence connection) {
        return responseHead(answer, connection, length(answer));
    }

    /** Returns the head of a response whose body of {@code length} bytes is written later. */
    static HttpResponse responseHead(Response answer, @Nullable CharSequence connection, int length) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status());
        addHeaders(response.headers(), answer, connection, length);
        return response;
    }

    /** @param length -1 for no {@code Content-Length} */
    private static void addHeaders(
            HttpHeaders headers, Response answer, @Nullable CharSequence connection, int length) {
        List<CharSequence> given = answer.headers();
        for (int i = 0; i < given.size(); i += 2) {
            headers.add(given.get(i), given.get(i + 1));
        }
        if (isFinal(answer.status())) {
            headers.add(HttpHeaderNames.DATE, HttpDate.SYSTEM.value());
            headers.add(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        }
        if (hasBody(answer.status())) {
            headers.add(CONTENT_TYPE_OPTIONS, NOSNIFF);
        }
        if (connection != null) {
            headers.add(HttpHeaderNames.CONNECTION, connection);
        }
        if (length >= 0) {
            headers.add(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }

    private static ByteBuf start(
            Response answer, @Nullable CharSequence connection, ByteBufAllocator allocator, int extra) {
        List<CharSequence> headers = answer.headers();
        int size = 240 + extra;
        for (int i = 0; i < headers.size(); i++) {
            size += headers.get(i).length() + 4;
        }
        ByteBuf out = allocator.ioBuffer(size);
        byte[] common = common(answer);
        if (common == null) {
            begin(out, answer);
        } else {
            out.writeBytes(common);
        }
        if (isFinal(answer.status())) {
            ByteBufUtil.writeAscii(out, HttpDate.SYSTEM.line());
            out.writeBytes(NO_STORE);
        }
        if (hasBody(answer.status())) {
            out.writeBytes(NO_SNIFF);
        }
        if (connection != null) {
            out.writeBytes(CONNECTION);
            ByteBufUtil.writeAscii(out, connection);
            lineBreak(out);
        }
        return out;
    }

    /**
     * Returns the first lines of the most frequent responses, which are encoded only once; null for other responses.
     */
    private static byte @Nullable [] common(Response answer) {
        if (!answer.isPlainJson()) {
            return null;
        }
        return switch (answer.status().code()) {
            case 200 -> OK_JSON;
            case 201 -> CREATED_JSON;
            default -> null;
        };
    }

    private static void begin(ByteBuf out, Response answer) {
        List<CharSequence> headers = answer.headers();
        out.writeBytes(VERSION);
        ByteBufUtil.writeAscii(out, answer.status().codeAsText());
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, answer.status().reasonPhrase());
        lineBreak(out);
        for (int i = 0; i < headers.size(); i += 2) {
            ByteBufUtil.writeAscii(out, headers.get(i));
            out.writeByte(':').writeByte(' ');
            ByteBufUtil.writeAscii(out, headers.get(i + 1));
            lineBreak(out);
        }
    }

    /** @return -1 for no {@code Content-Length} */
    private static int length(Response answer) {
        return hasLength(answer) ? answer.body().readableBytes() : -1;
    }

    private static boolean hasLength(Response answer) {
        return hasBody(answer.status()) && !answer.isUnbounded();
    }

    private static boolean hasBody(HttpResponseStatus status) {
        return !status.equals(HttpResponseStatus.NO_CONTENT) && isFinal(status);
    }

    private static boolean isFinal(HttpResponseStatus status) {
        return status.codeClass() != HttpStatusClass.INFORMATIONAL;
    }

    private static void lineBreak(ByteBuf out) {
        out.writeByte('\r').writeByte('\n');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
