package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Position;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.RoomSet;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Operation;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.Response;
import dev.confab.netty.SessionEntry;
import dev.confab.netty.Sessions;
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
 * Handles {@code GET /messages}. Responds with the entries after the cursor, or with a page of history. When there are
 * no entries after the cursor yet, the poll waits for the next entry. The response is an empty array when no entry
 * arrives in time. A waiting poll needs no thread and no timer of its own.
 */
public final class LongPollHandler implements Endpoint {
    /** The name of the transport in {@link ReaderStats}. */
    static final String TRANSPORT = "longpoll";

    private final ChatService chat;
    private final LongPollConfig config;
    private final Sessions sessions;
    private final PageEncoder encoder = new PageEncoder();
    private final FanOut<Poll> fanOut;
    private final FanOut<PagedAnswer> parts;
    private volatile boolean draining;

    /**
     * Creates a handler whose sessions no other transport shares.
     *
     * @param chat the service, which the caller must close
     */
    public LongPollHandler(ChatService chat, LongPollConfig config) {
        this(chat, config, new Sessions());
    }

    /**
     * @param chat the service, which the caller must close
     * @param sessions gets the polls of this handler while they wait; other transports may share it
     */
    public LongPollHandler(ChatService chat, LongPollConfig config, Sessions sessions) {
        this.chat = chat;
        this.sessions = sessions;
        sessions.follow(chat);
        this.config = config;
        this.fanOut = new FanOut<>(chat, encoder, FanOutConfig.defaults().withLimit(Limit.PAGE));
        this.parts = new FanOut<>(chat, new PartEncoder(), FanOutConfig.defaults());
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
        PollRequest request = exchange.parsed(PollRequest.class, query -> PollRequest.of(query, config));
        exchange.identity().check(request.nick());
        exchange.permitted(Operation.READ, request.rooms(), () -> read(exchange, request));
    }

    private void read(Exchange exchange, PollRequest request) {
        MessageId before = request.before();
        if (before == null) {
            exchange.then(
                    chat.locate(request.rooms(), request.start()), position -> begin(exchange, request, position));
        } else {
            History.read(chat, exchange, request, before, page -> answer(exchange, request, page));
        }
    }

    @Override
    public ReaderStats readerStats() {
        return fanOut.stats(TRANSPORT).plus(parts.stats(TRANSPORT));
    }

    /** Responds to the polls that wait. Later polls do not wait. */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        sessions.unfollow(chat);
        fanOut.drain(Poll::expire, Duration.ZERO);
        return CompletableFuture.completedFuture(null);
    }

    private void begin(Exchange exchange, PollRequest request, Position position) {
        Gap gap = position.gap();
        if (gap != null) {
            answer(exchange, request, gap);
        } else if (exchange.channel().isActive()) {
            Poll poll = new Poll(this, exchange, request, attend(exchange, request));
            fanOut.join(poll, request.view(), position.cursor());
            // Called last, because onGone runs the action at once when the client is already gone, and a poll can leave
            // the fan-out only after it has joined.
            if (!poll.hasEnded()) {
                exchange.onGone(poll::end);
            }
        }
    }

    /**
     * Returns the attendance of the nick. Returns null for a request without a nick and for a HEAD request: its client
     * does not read entries, and so does not become a participant.
     */
    private @Nullable Attendance attend(Exchange exchange, PollRequest request) {
        Nick nick = request.nick();
        return nick == null || exchange.isHeadRequest() ? null : chat.presence().arrive(request.rooms(), nick);
    }

    FanOut<Poll> fanOut() {
        return fanOut;
    }

    FanOut<PagedAnswer> parts() {
        return parts;
    }

    /** Lists a poll that begins to wait. */
    SessionEntry list(Poll poll, RoomSet rooms) {
        return sessions.open(poll, rooms);
    }

    /** Returns whether a poll gets its response as soon as there are no more entries for it, without waiting. */
    boolean isDraining() {
        return draining;
    }

    /**
     * Responds with a page.
     *
     * @param encoded the whole response, or an empty buffer when the page is too large for one write; this method
     *     releases the buffer
     * @param page the entries of the response
     */
    void answer(Exchange exchange, PollRequest request, ByteBuf encoded, Batch page) {
        if (exchange.takesWhole() && encoded.isReadable()) {
            exchange.answerWhole(encoded);
        } else {
            encoded.release();
            answer(exchange, request, page);
        }
    }

    void answerEmpty(Exchange exchange, PollRequest request, MessageId cursor) {
        answerAtOnce(exchange, request, new Batch(cursor, cursor, List.of()));
    }

    /** @param body the JSON array with the event; is released when the response has been sent */
    void answerEvent(Exchange exchange, PollRequest request, MessageId cursor, ByteBuf body) {
        exchange.answer(PageEncoder.withCursor(
                request.view().ids().format(cursor), Response.json(HttpResponseStatus.OK, body)));
    }

    void answer(Exchange exchange, PollRequest request, Gap gap) {
        IdFormat ids = request.view().ids();
        ByteBuf body = exchange.channel().alloc().buffer();
        body.writeByte('[').writeBytes(gap.json(ids)).writeByte(']');
        exchange.answer(PageEncoder.withCursor(ids.format(gap.to()), Response.json(HttpResponseStatus.OK, body)));
    }

    private void answer(Exchange exchange, PollRequest request, Batch page) {
        if (exchange.isHeadRequest()
                || PageEncoder.bodyLength(page.entries()) <= Limit.WRITE.bytes()
                || page.entries().size() == 1) {
            answerAtOnce(exchange, request, page);
        } else {
            Response head = PageEncoder.withCursor(
                    request.view().ids().format(page.to()),
                    Response.json(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
            // History is the same for all readers: no joins and leaves are left out of it.
            Nick nick = request.before() == null ? request.nick() : null;
            PagedAnswer.start(parts, exchange, head, request.view(), nick, page);
        }
    }

    private static void answerAtOnce(Exchange exchange, PollRequest request, Batch page) {
        ByteBuf body = exchange.channel().alloc().buffer(PageEncoder.bodyLength(page.entries()));
        PageEncoder.writeBody(body, page.entries());
        String cursor = request.view().ids().format(page.to());
        exchange.answer(PageEncoder.withCursor(cursor, Response.json(HttpResponseStatus.OK, body)));
    }
}
