package dev.confab.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** The media type of a request's body. */
enum MediaType {
    JSON,
    FORM,
    MULTIPART,
    OTHER;

    private static final String CHARSET = "charset=";

    /**
     * Returns the type of a body that is sent as it is.
     *
     * @throws HttpException 415 {@code unsupported_media_type} when the body has a {@code Content-Encoding}
     */
    static MediaType of(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONTENT_ENCODING)) {
            throw HttpException.of(HttpReason.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding (expected: none)");
        }
        return of(headers.get(HttpHeaderNames.CONTENT_TYPE));
    }

    /** @param header the value of Content-Type; null when the header is missing, which counts as JSON */
    static MediaType of(@Nullable String header) {
        if (header == null) {
            return JSON;
        }
        int semicolon = header.indexOf(';');
        String essence = (semicolon < 0 ? header : header.substring(0, semicolon)).trim();
        if (semicolon >= 0 && !isUtf8(header.substring(semicolon + 1).trim())) {
            return OTHER;
        }
        if (AsciiString.contentEqualsIgnoreCase(essence, "application/json")) {
            return JSON;
        }
        if (AsciiString.contentEqualsIgnoreCase(essence, "multipart/form-data")) {
            return MULTIPART;
        }
        boolean isForm = AsciiString.contentEqualsIgnoreCase(essence, "application/x-www-form-urlencoded");
        return isForm ? FORM : OTHER;
    }

    /** Returns whether the charset is UTF-8 or not given. Parameters other than the charset are ignored. */
    private static boolean isUtf8(String parameters) {
        if (!parameters.regionMatches(true, 0, CHARSET, 0, CHARSET.length())) {
            return true;
        }
        String charset = parameters.substring(CHARSET.length());
        return AsciiString.contentEqualsIgnoreCase(charset, "utf-8")
                || AsciiString.contentEqualsIgnoreCase(charset, "\"utf-8\"");
    }
}
