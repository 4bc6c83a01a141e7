package dev.confab.netty;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;

/** The reason why a request was rejected before it reached the log. Clients see the {@linkplain #code() code}. */
public enum HttpReason {
    /** The request is not valid HTTP; the connection is closed. */
    BAD_REQUEST(HttpResponseStatus.BAD_REQUEST),
    INVALID_PARAMETER(HttpResponseStatus.BAD_REQUEST),
    INVALID_JSON(HttpResponseStatus.BAD_REQUEST),
    INVALID_FORM(HttpResponseStatus.BAD_REQUEST),
    /** The request has no token, or a token that is not valid any more, and the server wants one. */
    UNAUTHENTICATED(HttpResponseStatus.UNAUTHORIZED),
    /** The client may not do this, or not under this nick. */
    FORBIDDEN(HttpResponseStatus.FORBIDDEN),
    /** According to the browser, the request comes from a page of another origin, and this origin is not allowed. */
    FORBIDDEN_ORIGIN(HttpResponseStatus.FORBIDDEN),
    /** The request arrived without TLS at a server that requires TLS. */
    TLS_REQUIRED(HttpResponseStatus.FORBIDDEN),
    NOT_FOUND(HttpResponseStatus.NOT_FOUND),
    METHOD_NOT_ALLOWED(HttpResponseStatus.METHOD_NOT_ALLOWED),
    /** The request did not arrive in time; the connection is closed. */
    REQUEST_TIMEOUT(HttpResponseStatus.REQUEST_TIMEOUT),
    /** The body of the request is too large; the connection is closed. */
    CONTENT_TOO_LARGE(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE),
    URI_TOO_LONG(HttpResponseStatus.REQUEST_URI_TOO_LONG),
    UNSUPPORTED_MEDIA_TYPE(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE),
    /** The connection has sent more signals than it may. */
    TOO_MANY_SIGNALS(HttpResponseStatus.TOO_MANY_REQUESTS),
    /** The client has published too many messages in a short time; nothing was stored. */
    RATE_LIMITED(HttpResponseStatus.TOO_MANY_REQUESTS),
    /** The client has too many connections; the connection is closed. */
    TOO_MANY_CONNECTIONS(HttpResponseStatus.TOO_MANY_REQUESTS),
    /** The client waited for a message, and none arrived in time. */
    NO_MESSAGE(HttpResponseStatus.SERVICE_UNAVAILABLE),
    EXPECTATION_FAILED(HttpResponseStatus.EXPECTATION_FAILED),
    /** The path serves another protocol. */
    UPGRADE_REQUIRED(HttpResponseStatus.UPGRADE_REQUIRED),
    HEADERS_TOO_LARGE(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE);

    @SuppressWarnings("ImmutableEnumChecker") // the status never changes
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
