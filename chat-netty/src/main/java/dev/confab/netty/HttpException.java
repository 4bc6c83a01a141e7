package dev.confab.netty;

import dev.confab.core.Reason;
import org.jspecify.annotations.Nullable;

/** A request is refused. The message is written for the one who asked. Without a stack trace: it tells of a request, not of code. */
public final class HttpException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    HttpException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** @param detail for the one who asked */
    public static HttpException of(HttpReason reason, String detail) {
        return new HttpException(Problem.of(reason, null, detail));
    }

    /**
     * With a message of the form {@code field: value (expected: expected)}; a long value is cut.
     *
     * @param field the parameter at fault, or null when it is not one
     */
    public static HttpException invalid(HttpReason reason, @Nullable String field, String value, String expected) {
        return new HttpException(Problem.of(reason, field, Problem.detail(field, value, expected)));
    }

    /** The same for what the log refuses too, found before it was asked. */
    static HttpException invalid(Reason reason, String field, String value, String expected) {
        return new HttpException(Problem.of(reason, field, Problem.detail(field, value, expected)));
    }

    /** What {@link Exchange#fail} would answer, for one who has headers to add. */
    public Response toAnswer() {
        return problem.toAnswer();
    }

    Problem problem() {
        return problem;
    }
}
