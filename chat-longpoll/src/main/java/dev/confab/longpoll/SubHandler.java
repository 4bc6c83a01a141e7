package dev.confab.longpoll;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.IdFormat;
import dev.confab.core.Limit;
import dev.confab.core.Position;
import dev.confab.core.Reason;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Operation;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.Response;
import dev.confab.netty.Sessions;
import dev.confab.netty.View;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Handles {@code GET /sub}; see {@link PubSubHandler}. A waiting request needs no thread and no timer of its own. */
final class SubHandler implements Endpoint {
    private static final Limit ONE_MESSAGE = new Limit(1, 1);

    private final ChatService chat;
    private final Sessions sessions;
    private final long maxWaitMillis;
    private final FanOut<SubReader> fanOut;
    private volatile boolean draining;

    SubHandler(ChatService chat, Sessions sessions, Duration maxWait) {
        this.chat = chat;
        this.sessions = sessions;
        this.maxWaitMillis = maxWait.toMillis();
        this.fanOut =
                new FanOut<>(chat, new SubEncoder(), FanOutConfig.defaults().withLimit(ONE_MESSAGE));
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/sub";
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        if (draining) {
            throw drainingException();
        }
        SubRequest request = exchange.parsed(SubRequest.class, SubRequest::of);
        exchange.permitted(Operation.READ, request.rooms(), () -> read(exchange, request));
    }

    private void read(Exchange exchange, SubRequest request) {
        if (exchange.isHeadRequest()) {
            exchange.answer(
                    Response.json(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER).withoutLength());
            return;
        }
        Start given = request.start();
        Start start = given == null ? SubCursor.start(exchange.channel(), request.rooms()) : given;
        exchange.then(chat.locate(request.rooms(), start), position -> begin(exchange, request.rooms(), position));
    }

    @Override
    public ReaderStats readerStats() {
        return fanOut.stats(LongPollHandler.TRANSPORT);
    }

    /** Refuses the requests that wait, and later ones. Their clients try again over new connections. */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        fanOut.drain(reader -> reader.refuse(drainingException()), Duration.ZERO);
        return CompletableFuture.completedFuture(null);
    }

    /** Begins at the position without announcing a gap, for which the response has no form. */
    private void begin(Exchange exchange, RoomSet rooms, Position position) {
        if (exchange.channel().isActive()) {
            SubReader reader = new SubReader(sessions, exchange, rooms, maxWaitMillis);
            fanOut.join(reader, new View(rooms, IdFormat.ULID, true), position.cursor());
            // The reader may have got its message in join.
            if (!reader.hasEnded()) {
                exchange.onGone(reader::end);
            }
            if (draining) {
                // The drain may have listed the readers just before this reader joined.
                reader.refuse(drainingException());
            }
        }
    }

    private static ChatException drainingException() {
        return new ChatException(Reason.DRAINING, "The server is shutting down: try again over a new connection");
    }
}
