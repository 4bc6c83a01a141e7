package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.IdFormat;
import dev.confab.core.Published;
import dev.confab.core.Reason;
import dev.confab.core.RoomSet;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@code POST /messages?room&ids&session}: publishes a message, and responds with the message when it is durable. The
 * status is 201, or 200 when a message with the same key was already stored. The body is JSON, or a form with the same
 * fields. The WebSocket or event stream that {@code session} names does not get the message. Safe for any thread.
 */
public final class PublishHandler implements Endpoint {
    private final ChatService chat;
    private final Sessions sessions;
    private volatile boolean draining;

    /**
     * Creates a handler that knows no sessions, so that the parameter {@code session} has no effect.
     *
     * @param chat is not closed by this handler
     */
    public PublishHandler(ChatService chat) {
        this(chat, new Sessions());
    }

    /**
     * @param chat is not closed by this handler
     * @param sessions the sessions that a publish may name
     */
    public PublishHandler(ChatService chat, Sessions sessions) {
        this.chat = chat;
        this.sessions = sessions;
    }

    /** Returns the service to which messages are published. */
    ChatService chat() {
        return chat;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.POST;
    }

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public void handle(Exchange exchange) {
        if (draining) {
            throw new ChatException(Reason.DRAINING, "The server is shutting down: try again over a new connection");
        }
        DraftFormat format = DraftFormat.of(exchange);
        Identity identity = exchange.identity();
        Draft draft = identity.sign(format.read(exchange));
        exchange.publishLimit().count();
        exchange.park();
        exchange.permitted(
                Operation.PUBLISH,
                RoomSet.of(draft.room()),
                () -> sessions.findOwn(
                        exchange,
                        identity,
                        format.session(),
                        session -> exchange.then(
                                chat.publish(draft, session), published -> answer(exchange, published, format.ids()))));
    }

    /** Refuses new publishes from now on. Publishes that were accepted before are still answered. */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        return CompletableFuture.completedFuture(null);
    }

    private static void answer(Exchange exchange, Published published, IdFormat ids) {
        HttpResponseStatus status = published.isNew() ? HttpResponseStatus.CREATED : HttpResponseStatus.OK;
        byte[] json = published.entry().with(ids).json();
        exchange.answer(Response.json(status, Unpooled.wrappedBuffer(json)));
    }
}
