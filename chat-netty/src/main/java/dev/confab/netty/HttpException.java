package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a request is rejected. The message is written for the client. There is no stack trace, because the cause
 * is a request, not code.
 */
public final class HttpException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    HttpException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** @param detail the text for the client */
    public static HttpException of(HttpReason reason, String detail) {
        return new HttpException(Problem.of(reason, null, detail));
    }

    /**
     * Returns the exception that shows a failure to the client. An unexpected failure is logged, and no details of it
     * are shown.
     */
    public static HttpException of(Throwable failure) {
        return new HttpException(Problem.of(failure));
    }

    /**
     * Returns the exception with which an {@link Authenticator} refuses a client: 401 {@code unauthenticated}.
     *
     * @param detail the text for the client, without the token
     */
    public static HttpException unauthenticated(String detail) {
        return of(HttpReason.UNAUTHENTICATED, detail);
    }

    /**
     * Returns an exception with a message of the form {@code field: value (expected: expected)}. A long value is
     * truncated.
     *
     * @param field the parameter at fault, or null when no single parameter is at fault
     */
    public static HttpException invalid(HttpReason reason, @Nullable String field, String value, String expected) {
        return new HttpException(Problem.of(reason, field, Problem.detail(field, value, expected)));
    }

    /**
     * Returns the same for a reason for which the log rejects drafts too, when the fault is found before the log is
     * called.
     */
    static HttpException invalid(Reason reason, String field, String value, String expected) {
        return new HttpException(Problem.of(reason, field, Problem.detail(field, value, expected)));
    }

    /**
     * Returns an exception for a value that the log refuses, on a path where the field has another name than in the
     * log.
     *
     * @param refused has a {@link ChatException#field()}
     */
    public static HttpException renamed(ChatException refused, String field) {
        String detail = String.valueOf(refused.getMessage());
        String known = String.valueOf(refused.field());
        return new HttpException(Problem.of(
                refused.reason(), field, detail.startsWith(known) ? field + detail.substring(known.length()) : detail));
    }

    /** Returns the response that {@link Exchange#fail} would send, for callers that add headers to it. */
    public Response toAnswer() {
        return problem.toAnswer();
    }

    /** Returns the stable name of the reason that clients see, such as {@code forbidden}. */
    public String code() {
        return problem.code();
    }

    /** Returns the problem as JSON, for a client whose response has begun. */
    public byte[] json() {
        return problem.json();
    }

    Problem problem() {
        return problem;
    }
}
