package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Signal;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * {@code POST /signals?room&session}: sends a {@link Signal}, which is not in the log. The body is a JSON object with
 * {@code event}, {@code data} and {@code nick}. The response is 204, whether or not a reader gets the signal. The
 * WebSocket or event stream that {@code session} names does not get it. Safe for any thread.
 */
public final class SignalHandler implements Endpoint {
    private static final List<String> FIELDS = List.of("event", "data", "nick");

    private final ChatService chat;
    private final Sessions sessions;

    /**
     * @param chat is not closed by this handler
     * @param sessions limits the signals of a connection
     */
    public SignalHandler(ChatService chat, Sessions sessions) {
        this.chat = chat;
        this.sessions = sessions;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.POST;
    }

    @Override
    public String path() {
        return "/signals";
    }

    @Override
    public void handle(Exchange exchange) {
        Room room = room(exchange.query());
        if (MediaType.of(exchange.head().headers()) != MediaType.JSON) {
            throw HttpException.of(
                    HttpReason.UNSUPPORTED_MEDIA_TYPE, "Content-Type (expected: application/json, in UTF-8)");
        }
        Signal signal = SignalReader.readJson(room, exchange.content());
        Identity identity = exchange.identity();
        Signal signed = signal.by(identity.nick(signal.nick()));
        String named = Sessions.name(exchange.query());
        if (!sessions.maySignal(exchange.channel())) {
            throw HttpException.of(HttpReason.TOO_MANY_SIGNALS, "Too many signals over this connection");
        }
        exchange.permitted(
                Operation.PUBLISH,
                RoomSet.of(room),
                () -> sessions.findOwn(exchange, identity, named, session -> {
                    chat.signal(signed.from(session));
                    exchange.answer(Response.of(HttpResponseStatus.NO_CONTENT));
                }));
    }

    private static Room room(Query query) {
        for (String field : FIELDS) {
            if (!query.all(field).isEmpty()) {
                throw HttpException.invalid(
                        HttpReason.INVALID_PARAMETER,
                        field,
                        "is a parameter of the query",
                        "a field of the JSON object in the request's body");
            }
        }
        String name = query.first("room");
        return name == null ? Room.LOBBY : Room.named(name);
    }
}
