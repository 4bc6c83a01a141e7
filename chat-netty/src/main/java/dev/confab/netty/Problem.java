package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An error as clients see it: the problem details of RFC 9457, of type {@code about:blank}, with a stable code.
 *
 * @param detail a text for people
 * @param field the parameter or field at fault; null when the error is not about a parameter or field
 */
record Problem(
        HttpResponseStatus status,
        String code,
        String detail,
        @Nullable String field) {
    static final AsciiString MEDIA_TYPE = AsciiString.cached("application/problem+json");
    static final Problem INTERNAL =
            new Problem(HttpResponseStatus.INTERNAL_SERVER_ERROR, Reason.INTERNAL.code(), "The server failed", null);

    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final int SHOWN = 80;

    static Problem of(HttpReason reason, @Nullable String field, String detail) {
        return new Problem(reason.status(), reason.code(), detail, field);
    }

    static Problem of(Reason reason, @Nullable String field, String detail) {
        return new Problem(status(reason), reason.code(), detail, field);
    }

    /**
     * Returns the problem that the client is shown for a failure. An unexpected failure is logged, and no details of it
     * are shown.
     */
    static Problem of(Throwable failure) {
        Throwable cause = causeOf(failure);
        if (cause instanceof HttpException refused) {
            return refused.problem();
        }
        if (cause instanceof ChatException refused && refused.reason() != Reason.INTERNAL) {
            return of(refused.reason(), refused.field(), String.valueOf(refused.getMessage()));
        }
        LOG.error("A request failed", failure);
        return INTERNAL;
    }

    /** Returns the exception inside those that a {@link java.util.concurrent.CompletableFuture} adds. */
    static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Returns the status of a reason. */
    static HttpResponseStatus status(Reason reason) {
        return switch (reason) {
            case INVALID_ROOM, INVALID_NICK, INVALID_BODY, INVALID_TEXT, INVALID_KEY, INVALID_CURSOR, INVALID_EVENT ->
                HttpResponseStatus.BAD_REQUEST;
            case MESSAGE_TOO_LARGE -> HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
            case KEY_CONFLICT -> HttpResponseStatus.CONFLICT;
            case REFUSED -> HttpResponseStatus.UNPROCESSABLE_ENTITY;
            case DRAINING, OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> HttpResponseStatus.SERVICE_UNAVAILABLE;
            case INTERNAL -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
        };
    }

    /**
     * Returns {@code field: value (expected: expected)}. A long value is cut, and control characters in it are shown as
     * {@code ?}.
     */
    static String detail(@Nullable String field, String value, String expected) {
        StringBuilder text = new StringBuilder(SHOWN);
        if (field != null) {
            append(text, field);
            text.append(": ");
        }
        append(text, value);
        return text.append(" (expected: ").append(expected).append(')').toString();
    }

    Response toAnswer() {
        Response answer = Response.of(status, MEDIA_TYPE, Unpooled.wrappedBuffer(json()));
        if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                || status.equals(HttpResponseStatus.TOO_MANY_REQUESTS)) {
            answer.with(HttpHeaderNames.RETRY_AFTER, "1");
        } else if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            answer.with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        return answer;
    }

    byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(160);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("title", status.reasonPhrase());
            json.writeNumberProperty("status", status.code());
            json.writeStringProperty("code", code);
            json.writeStringProperty("detail", detail);
            if (field != null) {
                json.writeStringProperty("field", field);
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void append(StringBuilder text, String value) {
        int end = Math.min(value.length(), SHOWN);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            text.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        if (end < value.length()) {
            text.append('…');
        }
    }
}
