package dev.confab.longpoll;

import dev.confab.core.Attendance;
import dev.confab.core.Batch;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Position;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /messages}: answers with what is after the cursor, at once or as soon as something comes, and an empty array when
 * nothing does in time; or with a page of history. A waiting poll costs no thread and no timer of its own.
 */
public final class LongPollHandler implements Endpoint {
    private final ChatService chat;
    private final LongPollConfig config;
    private final PageEncoder encoder = new PageEncoder();
    private final FanOut fanOut;
    private volatile boolean draining;

    /** @param chat stays the caller's */
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
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        PollRequest request = exchange.parsed(PollRequest.class, asked -> PollRequest.of(asked, config));
        MessageId before = request.before();
        if (before == null) {
            exchange.then(
                    chat.locate(request.rooms(), request.start()), position -> begin(exchange, request, position));
        } else {
            Limit limit = request.limit() == null ? Limit.PAGE : request.limit();
            exchange.then(chat.before(request.rooms(), before, limit), page -> answer(exchange, request, page));
        }
    }

    /** How often an answer was encoded to be shared. */
    public long encodes() {
        return fanOut.encodes();
    }

    /** Answers those that wait. Who comes from now on does not wait. */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        fanOut.drain(reader -> ((Poll) reader).expire(), Duration.ZERO);
        return CompletableFuture.completedFuture(null);
    }

    private void begin(Exchange exchange, PollRequest request, Position position) {
        Gap gap = position.gap();
        if (gap != null) {
            answer(exchange, gap);
        } else if (exchange.channel().isActive()) {
            Poll poll = new Poll(this, exchange, request, attend(exchange, request));
            fanOut.join(poll, request.rooms(), position.cursor());
            // Last, as it runs at once when the client is gone: who is out of the fan-out by then stays out.
            exchange.onGone(poll::end);
        }
    }

    /** A HEAD asks about the answer and does not read it, so that nobody takes part by it. */
    private @Nullable Attendance attend(Exchange exchange, PollRequest request) {
        Nick nick = request.nick();
        return nick == null || exchange.isHeadRequest() ? null : chat.presence().arrive(request.rooms(), nick);
    }

    /** Whether a poll is to be answered as soon as nothing is left for it. */
    boolean isDraining() {
        return draining;
    }

    /**
     * Answers with a page.
     *
     * @param encoded the whole response, empty when it is too large for one write; taken over
     */
    void answer(Exchange exchange, PollRequest request, ByteBuf encoded, Batch page) {
        if (exchange.takesWhole() && encoded.isReadable()) {
            exchange.answerWhole(encoded);
        } else {
            encoded.release();
            answer(exchange, request, page);
        }
    }

    void answerEmpty(Exchange exchange, MessageId cursor) {
        answer(exchange, new Batch(cursor, cursor, List.of()));
    }

    void answer(Exchange exchange, Gap gap) {
        ByteBuf body = exchange.channel().alloc().buffer();
        body.writeByte('[').writeBytes(gap.json()).writeByte(']');
        exchange.answer(PageEncoder.withCursor(gap.to(), Response.json(HttpResponseStatus.OK, body)));
    }

    private void answer(Exchange exchange, PollRequest request, Batch page) {
        if (exchange.isHeadRequest()
                || PageEncoder.bodyLength(page.entries()) <= Limit.WRITE.bytes()
                || page.entries().size() == 1) {
            answer(exchange, page);
        } else {
            Response head =
                    PageEncoder.withCursor(page.to(), Response.json(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
            // History is the same for everybody: who is left out of it is not its matter.
            Nick nick = request.before() == null ? request.nick() : null;
            PagedAnswer.start(chat, exchange, head, request.rooms(), nick, page);
        }
    }

    private static void answer(Exchange exchange, Batch page) {
        ByteBuf body = exchange.channel().alloc().buffer(PageEncoder.bodyLength(page.entries()));
        PageEncoder.writeBody(body, page.entries());
        exchange.answer(PageEncoder.withCursor(page.to(), Response.json(HttpResponseStatus.OK, body)));
    }
}
