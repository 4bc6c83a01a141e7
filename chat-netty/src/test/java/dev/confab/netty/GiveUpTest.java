package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of a single connection whose input exceeds the budget. */
final class GiveUpTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Budget input = new Budget("inputBudget", 1_000, () -> {});
    private final Deque<Exchange> parked = new ArrayDeque<>();
    private int gone;

    private final class Park implements Endpoint {
        private final HttpMethod method;

        Park(HttpMethod method) {
            this.method = method;
        }

        @Override
        public HttpMethod method() {
            return method;
        }

        @Override
        public String path() {
            return "/park";
        }

        @Override
        public void handle(Exchange exchange) {
            exchange.onGone(() -> gone++);
            parked.add(exchange);
        }
    }

    private void start() {
        start(routes -> routes);
    }

    private void start(UnaryOperator<Routes> change) {
        channel.attr(Budgets.KEY).set(new Budgets(input, new Budget("outputBudget", 1_000, () -> {})));
        change.apply(Routes.of(new Park(HttpMethod.GET), new Park(HttpMethod.POST)))
                .addHttpTo(channel.pipeline());
    }

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        assertThat(input.used()).isZero();
    }

    @Test
    void aWaitingRequestGets503AndLaterInputIsDiscarded() {
        start();
        receive("GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
        receive("POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(2_000));
        channel.runPendingTasks();

        assertThat(sent()).startsWith("HTTP/1.1 503 ").contains("connection: close", "\"code\":\"overloaded\"");
        assertThat(gone).isOne();
        assertThat(input.used()).isZero();
    }

    @Test
    void aPublishGetsItsOutcomeAndIsTheLastRequestOfTheConnection() {
        start();
        receive("POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        receive("POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(2_000));
        channel.runPendingTasks();

        assertThat(sent()).isEmpty();
        assertThat(gone).isZero();
        assertThat(input.used()).isZero();
        parked.remove().answer(Response.of(HttpResponseStatus.CREATED));
        assertThat(sent()).startsWith("HTTP/1.1 201 ").contains("connection: close");
        assertThat(parked).isEmpty();
    }

    @Test
    void aBodyCountsWhileTheIdentityOfItsClientIsAwaited() {
        CompletableFuture<Principal> identity = new CompletableFuture<>();
        try (ChatService chat = new ChatService(new InMemoryMessageStore(), ChatConfig.defaults())) {
            Access access = Access.of(chat, AccessConfig.of(credentials -> identity, Authorizer.ALL));
            start(routes -> routes.with(access));
            receive("POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(2_000));
            channel.runPendingTasks();

            assertThat(sent()).startsWith("HTTP/1.1 503 ").contains("\"code\":\"overloaded\"");
            assertThat(input.used()).isZero();
            identity.complete(Principal.of("ann"));
            channel.runPendingTasks();
            assertThat(parked).isEmpty();
        }
    }

    @Test
    void aBodyDoesNotCountWhenTheIdentityOfItsClientIsKnown() {
        CompletableFuture<Principal> identity = new CompletableFuture<>();
        try (ChatService chat = new ChatService(new InMemoryMessageStore(), ChatConfig.defaults())) {
            Access access = Access.of(chat, AccessConfig.of(credentials -> identity, Authorizer.ALL));
            start(routes -> routes.with(access));
            receive("POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + "x".repeat(100));
            assertThat(input.used()).isPositive();
            identity.complete(Principal.of("ann"));
            channel.runPendingTasks();
            assertThat(input.used()).isZero();
            parked.remove().answer(Response.of(HttpResponseStatus.CREATED));
            assertThat(sent()).startsWith("HTTP/1.1 201 ");
        }
    }

    @Test
    void anIncompleteHeadGets503() {
        start();
        receive("GET /park HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(2_000));
        channel.runPendingTasks();

        assertThat(sent()).startsWith("HTTP/1.1 503 ");
        assertThat(input.used()).isZero();
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private String sent() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return text.toString();
    }
}
