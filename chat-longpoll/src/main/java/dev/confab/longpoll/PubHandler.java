package dev.confab.longpoll;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.Operation;
import dev.confab.netty.Query;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Handles {@code POST /pub}; see {@link PubSubHandler}. Safe for any thread. */
final class PubHandler implements Endpoint {
    private static final ByteBuf SENT =
            Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("{\"status\":\"sent\"}", StandardCharsets.US_ASCII)
                    .asReadOnly());

    private final ChatService chat;
    private volatile boolean draining;

    PubHandler(ChatService chat) {
        this.chat = chat;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.POST;
    }

    @Override
    public String path() {
        return "/pub";
    }

    @Override
    public void handle(Exchange exchange) {
        if (draining) {
            throw new ChatException(Reason.DRAINING, "The server is shutting down: try again over a new connection");
        }
        Draft draft = exchange.identity().sign(draft(exchange.query(), exchange.form()));
        if (exchange.request().headers().contains(HttpHeaderNames.ORIGIN)) {
            // A browser uses any of its connections for a request. The page may have read further over another one, and
            // would get messages twice if it continued where this connection has stopped.
            SubCursor.forget(exchange.channel());
        }
        exchange.publishLimit().count();
        exchange.park();
        exchange.permitted(
                Operation.PUBLISH,
                RoomSet.of(draft.room()),
                () -> exchange.then(
                        chat.publish(draft),
                        published -> exchange.answer(Response.json(HttpResponseStatus.OK, SENT.duplicate()))));
    }

    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        return CompletableFuture.completedFuture(null);
    }

    private static Draft draft(Query query, Query form) {
        String room = value("room", query, form);
        String nick = value("nick", query, form);
        String message = value("message", query, form);
        if (message == null) {
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER,
                    "message",
                    "is missing",
                    "1 to 10,000 bytes of UTF-8, as a parameter of the query or a field of a form");
        }
        try {
            return Draft.of(
                    room == null ? Room.LOBBY : Room.named(room), nick == null ? null : new Nick(nick), message, null);
        } catch (ChatException e) {
            throw "body".equals(e.field()) ? HttpException.renamed(e, "message") : e;
        }
    }

    private static @Nullable String value(String name, Query query, Query form) {
        String inQuery = query.first(name);
        String inForm = form.first(name);
        if (inQuery != null && inForm != null) {
            throw HttpException.invalid(HttpReason.INVALID_PARAMETER, name, "is given twice", "one value");
        }
        return inQuery == null ? inForm : inQuery;
    }
}
