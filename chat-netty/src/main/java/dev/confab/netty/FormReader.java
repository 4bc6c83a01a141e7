package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.EndOfDataDecoderException;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the fields of an HTML form from a request's body, in either of the encodings that browsers use for them. Pure;
 * safe for any thread.
 */
final class FormReader {
    /** The charsets of a field whose bytes are UTF-8. A field with {@code Content-Transfer-Encoding: 7bit} is ASCII. */
    private static final Set<Charset> UTF_8 = Set.of(StandardCharsets.UTF_8, StandardCharsets.US_ASCII);

    /**
     * Allocates on the heap, without a pool. The decoder does not release a field that was not complete, so the memory
     * of a form must be the garbage collector's.
     */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);

    private FormReader() {}

    /**
     * @param content the body; is not released here
     * @throws HttpException 400 {@code invalid_form}
     */
    static Query urlEncoded(ByteBuf content) {
        return Query.ofForm(text(content, HttpReason.INVALID_FORM));
    }

    /**
     * Reads {@code multipart/form-data}. No field is written to a disk, and files are refused.
     *
     * @param request the head, which has the boundary
     * @param content the body, which is copied; is not released here
     * @throws HttpException 400 {@code invalid_form}
     */
    static Query multipart(HttpRequest request, ByteBuf content) {
        if (!HttpPostRequestDecoder.isMultipart(request)) {
            throw HttpException.of(HttpReason.INVALID_FORM, "Content-Type (expected: multipart/form-data; boundary=…)");
        }
        int size = content.readableBytes();
        HttpPostMultipartRequestDecoder decoder = new HttpPostMultipartRequestDecoder(
                new DefaultHttpDataFactory(false), request, StandardCharsets.UTF_8, Query.MAX_PAIRS, size);
        try {
            ByteBuf copy = HEAP.buffer(size).writeBytes(content, content.readerIndex(), size);
            decoder.offer(new DefaultHttpContent(copy));
            decoder.offer(LastHttpContent.EMPTY_LAST_CONTENT);
            return Query.ofPairs(pairs(decoder));
        } catch (HttpException e) {
            throw e;
        } catch (RuntimeException e) {
            // A damaged form makes the decoder fail in any way, for example with an ArrayIndexOutOfBoundsException.
            // The text of the exception would disclose the parser and its limits.
            throw HttpException.of(
                    HttpReason.INVALID_FORM,
                    "The body is not a multipart form as in RFC 7578, or has more than " + Query.MAX_PAIRS + " fields");
        } finally {
            decoder.destroy();
        }
    }

    /**
     * Decodes a text after checking that it is valid UTF-8. Without the check, the decoder would replace each invalid
     * sequence by a replacement character, and these characters would be stored.
     */
    static String text(ByteBuf content, HttpReason reason) {
        if (!ByteBufUtil.isText(content, StandardCharsets.UTF_8)) {
            throw HttpException.of(reason, "The body is not UTF-8");
        }
        return content.toString(StandardCharsets.UTF_8);
    }

    private static List<String> pairs(HttpPostMultipartRequestDecoder decoder) {
        List<String> pairs = new ArrayList<>(8);
        try {
            while (decoder.hasNext()) {
                InterfaceHttpData field = decoder.next();
                pairs.add(field.getName());
                pairs.add(value(field));
            }
        } catch (EndOfDataDecoderException e) { // the decoder has read the last boundary
            return pairs;
        }
        throw HttpException.of(HttpReason.INVALID_FORM, "The form ends before its last boundary");
    }

    private static String value(InterfaceHttpData field) {
        if (!(field instanceof Attribute attribute)) {
            throw HttpException.invalid(HttpReason.INVALID_FORM, field.getName(), "is a file", "a text");
        }
        if (!UTF_8.contains(attribute.getCharset())) {
            throw HttpException.of(HttpReason.INVALID_FORM, "The body is not UTF-8");
        }
        try {
            return text(attribute.getByteBuf(), HttpReason.INVALID_FORM);
        } catch (IOException e) { // only a field in a file fails, and there are no files
            throw new UncheckedIOException(e);
        }
    }
}
