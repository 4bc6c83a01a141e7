package dev.confab.netty;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;

/** Why a request was refused before it got to the log. The {@linkplain #code() code} is stable and goes to clients. */
public enum HttpReason {
    /** It is not HTTP as it should be; the connection is closed. */
    BAD_REQUEST(HttpResponseStatus.BAD_REQUEST),
    INVALID_PARAMETER(HttpResponseStatus.BAD_REQUEST),
    INVALID_JSON(HttpResponseStatus.BAD_REQUEST),
    INVALID_FORM(HttpResponseStatus.BAD_REQUEST),
    /** A browser says that the request comes from a page of another origin, and that is not allowed. */
    FORBIDDEN_ORIGIN(HttpResponseStatus.FORBIDDEN),
    NOT_FOUND(HttpResponseStatus.NOT_FOUND),
    METHOD_NOT_ALLOWED(HttpResponseStatus.METHOD_NOT_ALLOWED),
    /** It did not arrive in time; the connection is closed. */
    REQUEST_TIMEOUT(HttpResponseStatus.REQUEST_TIMEOUT),
    /** The body of the request; the connection is closed. */
    CONTENT_TOO_LARGE(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE),
    URI_TOO_LONG(HttpResponseStatus.REQUEST_URI_TOO_LONG),
    UNSUPPORTED_MEDIA_TYPE(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE),
    EXPECTATION_FAILED(HttpResponseStatus.EXPECTATION_FAILED),
    /** The path is for another protocol. */
    UPGRADE_REQUIRED(HttpResponseStatus.UPGRADE_REQUIRED),
    HEADERS_TOO_LARGE(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE);

    @SuppressWarnings("ImmutableEnumChecker") // it never changes
    private final HttpResponseStatus status;

    private final String code = name().toLowerCase(Locale.ROOT);

    HttpReason(HttpResponseStatus status) {
        this.status = status;
    }

    public HttpResponseStatus status() {
        return status;
    }

    /** The stable name that clients see, such as {@code not_found}. */
    public String code() {
        return code;
    }
}
