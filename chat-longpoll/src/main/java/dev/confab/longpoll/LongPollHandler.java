package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Position;
import dev.confab.netty.Answer;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /messages}: answers with what is after the cursor, at once or as soon as something comes, and an empty array when
 * nothing does in time; or with a page of history. A waiting poll costs no thread and no timer of its own.
 */
public final class LongPollHandler implements Endpoint {
    private static final String CHAT_CURSOR = "chat-cursor";

    private final ChatService chat;
    private final LongPollConfig config;
    private final PageEncoder encoder = new PageEncoder();
    private final FanOut fanOut;

    public LongPollHandler(ChatService chat, LongPollConfig config) {
        this.chat = chat;
        this.config = config;
        this.fanOut = new FanOut(chat, encoder, FanOutConfig.defaults().withLimit(Limit.PAGE));
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public void handle(Exchange exchange) {
        PollRequest request = PollRequest.of(exchange.query(), config);
        MessageId before = request.before();
        if (before == null) {
            on(exchange, chat.locate(request.rooms(), request.start()), position -> begin(exchange, request, position));
        } else {
            Limit limit = request.limit() == null ? Limit.PAGE : request.limit();
            on(exchange, chat.before(request.rooms(), before, limit), page -> answer(exchange, page));
        }
    }

    /** How often an answer was encoded to be shared. */
    public long encodes() {
        return fanOut.encodes();
    }

    @Override
    public CompletionStage<Void> drain(Duration time) {
        fanOut.forEach(reader -> ((Poll) reader).expire(), Duration.ZERO);
        return CompletableFuture.completedFuture(null);
    }

    private void begin(Exchange exchange, PollRequest request, Position position) {
        Gap gap = position.gap();
        if (gap != null) {
            answer(exchange, gap);
        } else if (exchange.channel().isActive()) {
            fanOut.join(new Poll(this, exchange, request), request.rooms(), position.cursor());
        }
    }

    /** @param encoded the whole response, taken over */
    void answer(Exchange exchange, ByteBuf encoded, Batch batch) {
        if (exchange.takesWhole()) {
            exchange.answerWhole(encoded);
        } else {
            encoded.release();
            answer(exchange, batch);
        }
    }

    void answerEmpty(Exchange exchange, MessageId cursor) {
        answer(exchange, new Batch(cursor, cursor, List.of()));
    }

    void answer(Exchange exchange, Gap gap) {
        ByteBuf body = exchange.channel().alloc().buffer();
        answer(exchange, gap.to(), body.writeByte('[').writeBytes(gap.json()).writeByte(']'));
    }

    private static void answer(Exchange exchange, Batch page) {
        ByteBuf body = exchange.channel().alloc().buffer(PageEncoder.bodyLength(page.entries()));
        PageEncoder.writeBody(body, page.entries());
        answer(exchange, page.to(), body);
    }

    private static void answer(Exchange exchange, MessageId cursor, ByteBuf body) {
        exchange.answer(Answer.json(HttpResponseStatus.OK, body).with(CHAT_CURSOR, cursor.toString()));
    }

    /** Goes on with what the core found, on the event loop. */
    private static <T> void on(Exchange exchange, CompletableFuture<T> found, Consumer<T> next) {
        BiConsumer<@Nullable T, @Nullable Throwable> then = (value, failure) -> {
            try {
                if (failure != null) {
                    exchange.fail(ChatException.of(failure));
                } else {
                    next.accept(Objects.requireNonNull(value));
                }
            } catch (RuntimeException e) { // a future would swallow it, and the client would wait
                exchange.fail(e);
            }
        };
        if (found.isDone()) {
            found.whenComplete(then);
        } else {
            found.whenCompleteAsync(then, exchange.channel().eventLoop());
        }
    }
}
