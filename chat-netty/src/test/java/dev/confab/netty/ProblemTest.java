package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class ProblemTest {
    @Test
    void aProblemIsWrittenAsJson() {
        Problem problem = Problem.of(Reason.INVALID_ROOM, "room", "room: a\"b (expected: c)");

        assertThat(new String(problem.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"title\":\"Bad Request\",\"status\":400,\"code\":\"invalid_room\","
                        + "\"detail\":\"room: a\\\"b (expected: c)\",\"field\":\"room\"}");
    }

    @Test
    void aProblemResponseHasTheseHeadersAndThisBody() {
        Response answer = Problem.of(Reason.OVERLOADED, null, "Later").toAnswer();
        ByteBuf head = ResponseEncoder.head(
                answer, ResponseEncoder.connection(false, true), UnpooledByteBufAllocator.DEFAULT, 0);

        assertThat(head.toString(StandardCharsets.US_ASCII))
                .matches("HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem\\+json\r\n"
                        + "retry-after: 1\r\ndate: [^\r]*\r\ncache-control: no-store\r\n"
                        + "x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: 81\r\n\r\n");
        assertThat(answer.body().toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"overloaded\",\"detail\":\"Later\"}");
        head.release();
        answer.release();
    }

    @Test
    void aFaultRevealsNoDetails() {
        Problem problem = Problem.of(new CompletionException(new IllegalStateException("secret")));

        assertThat(new String(problem.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"title\":\"Internal Server Error\",\"status\":500,\"code\":\"internal\","
                        + "\"detail\":\"The server failed\"}");
    }

    @Test
    void aWrappedExceptionIsUnwrapped() {
        Problem problem = Problem.of(new CompletionException(new ChatException(Reason.KEY_CONFLICT, "Known")));

        assertThat(problem.status().code()).isEqualTo(409);
        assertThat(problem.detail()).isEqualTo("Known");
    }

    @Test
    void everyReasonHasAStatus() {
        assertThat(Reason.values()).allSatisfy(reason -> {
            int status = Problem.status(reason).code();
            assertThat(status >= 500).isEqualTo(reason.isTemporary() || reason == Reason.INTERNAL);
        });
    }

    @Test
    void aLongValueIsCutAndControlCharactersAreReplaced() {
        assertThat(Problem.detail("x", "a\nb\u0000" + "y".repeat(100), "z"))
                .isEqualTo("x: a?b?" + "y".repeat(76) + "… (expected: z)");
    }
}
