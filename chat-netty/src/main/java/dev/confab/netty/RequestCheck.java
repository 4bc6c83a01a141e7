package dev.confab.netty;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Checks the head of a request more strictly than Netty's decoder does. Request smuggling needs two servers that
 * disagree about where a request ends or for which host it is. Therefore an ambiguous request is rejected.
 */
final class RequestCheck {
    private static final String[] SCHEMES = {"http://", "https://"};

    private RequestCheck() {}

    /** @throws HttpException if the request is invalid; the connection cannot be reused afterwards */
    static void check(HttpRequest request, int maxBody) {
        checkDecoded(request.decoderResult());
        boolean isHttp11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (!isHttp11 && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            throw bad("HTTP version (expected: 1.1 or 1.0)");
        }
        checkTarget(request);
        checkHost(request.headers(), isHttp11);
        checkLength(request.headers(), maxBody);
        checkExpectation(request.headers(), isHttp11);
    }

    /**
     * Returns the index at which the path begins in a target. The target is a path ({@code /messages}) or an absolute
     * URI ({@code http://host/messages}).
     *
     * @return negative when the target is neither
     */
    static int pathStart(String target) {
        if (target.startsWith("/")) {
            return 0;
        }
        for (String scheme : SCHEMES) {
            if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
                int end = scheme.length();
                while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
                    end++;
                }
                return end == scheme.length() ? -1 : end;
            }
        }
        return -1;
    }

    /** Returns whether the client waits for the response 100 before it sends the body that it announced. */
    static boolean awaitsInterim(HttpRequest request) {
        HttpHeaders headers = request.headers();
        boolean hasBody =
                headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || HttpUtil.getContentLength(request, 0L) > 0;
        return hasBody && HttpUtil.is100ContinueExpected(request);
    }

    private static void checkDecoded(DecoderResult result) {
        if (result.isSuccess()) {
            return;
        }
        Throwable cause = result.cause();
        if (cause instanceof TooLongHttpLineException) {
            throw HttpException.of(HttpReason.URI_TOO_LONG, "The request line is too long");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            throw HttpException.of(HttpReason.HEADERS_TOO_LARGE, "The headers are too large");
        }
        throw bad("The request is not HTTP as in RFC 9112");
    }

    private static void checkTarget(HttpRequest request) {
        String target = request.uri();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= 0x20 || c >= 0x7F || c == '#') {
                throw bad("The request target has a character that must be percent-encoded");
            }
        }
        boolean isAsterisk = target.equals("*") && request.method().equals(HttpMethod.OPTIONS);
        if (pathStart(target) < 0 && !isAsterisk) {
            throw bad("The request target is neither a path nor a http URI");
        }
    }

    private static void checkHost(HttpHeaders headers, boolean required) {
        Iterator<? extends CharSequence> hosts = headers.valueCharSequenceIterator(HttpHeaderNames.HOST);
        if (!hosts.hasNext()) {
            if (required) {
                throw bad("There is no Host header");
            }
            return;
        }
        CharSequence host = hosts.next();
        if (hosts.hasNext()) {
            throw bad("There is more than one Host header");
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c <= 0x20 || c >= 0x7F || "/,@?#\\\"<>".indexOf(c) >= 0) {
                throw bad("The Host header is not a host and a port");
            }
        }
    }

    private static void checkLength(HttpHeaders headers, int maxBody) {
        String length = only(headers, HttpHeaderNames.CONTENT_LENGTH);
        String coding = only(headers, HttpHeaderNames.TRANSFER_ENCODING);
        if (coding != null && (length != null || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding))) {
            throw bad("Transfer-Encoding (expected: chunked, and no Content-Length)");
        }
        if (length != null && parseLength(length) > maxBody) {
            throw tooLarge(maxBody);
        }
    }

    static HttpException tooLarge(int maxBody) {
        return HttpException.of(HttpReason.CONTENT_TOO_LARGE, "The body is larger than " + maxBody + " bytes");
    }

    private static long parseLength(String text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw bad("Content-Length (expected: digits)");
            }
            length = Math.min(length * 10 + digit, Integer.MAX_VALUE);
        }
        return length;
    }

    private static void checkExpectation(HttpHeaders headers, boolean isHttp11) {
        String expected = headers.get(HttpHeaderNames.EXPECT);
        if (expected != null && isHttp11 && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
            throw HttpException.of(HttpReason.EXPECTATION_FAILED, "Expect (expected: 100-continue)");
        }
    }

    private static @Nullable String only(HttpHeaders headers, CharSequence name) {
        Iterator<String> values = headers.valueStringIterator(name);
        if (!values.hasNext()) {
            return null;
        }
        String value = values.next();
        if (values.hasNext()) {
            throw bad(name + " is given twice");
        }
        return value;
    }

    static HttpException bad(String detail) {
        return HttpException.of(HttpReason.BAD_REQUEST, detail);
    }
}
