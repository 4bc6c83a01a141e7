package dev.confab.longpoll;

import dev.confab.core.ChatService;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Sessions;
import java.time.Duration;
import java.util.List;

/**
 * The endpoints {@code POST /pub} and {@code GET /sub}: publish and subscribe with a nick and a message only, for
 * clients that do not know of ids. Both use the same log as all other endpoints.
 *
 * <ul>
 *   <li>{@code POST /pub?room} takes {@code nick} and {@code message} from the query or a form, and responds with
 *       {@code {"status":"sent"}} when the message is durable.
 *   <li>{@code GET /sub?room} waits for one message, and responds with {@code {"nick":…,"message":…}}. A client that
 *       sends the next request over the same connection misses no message in between. Any other client gets the next
 *       message, unless it sends a cursor as {@code after}.
 * </ul>
 */
public final class PubSubHandler {
    /** The time after which a client that still waits is refused, because it may be gone without a trace. */
    static final Duration MAX_WAIT = Duration.ofMinutes(10);

    private PubSubHandler() {}

    /**
     * Returns the two endpoints, to be added to the routes together. No other transport shares their sessions.
     *
     * @param chat the service, which the caller must close
     */
    public static List<Endpoint> of(ChatService chat) {
        return of(chat, new Sessions());
    }

    /**
     * Returns the two endpoints, to be added to the routes together.
     *
     * @param chat the service, which the caller must close
     * @param sessions gets the requests for a message while they wait; other transports may share it
     */
    public static List<Endpoint> of(ChatService chat, Sessions sessions) {
        return of(chat, sessions, MAX_WAIT);
    }

    static List<Endpoint> of(ChatService chat, Sessions sessions, Duration maxWait) {
        return List.of(new PubHandler(chat), new SubHandler(chat, sessions, maxWait));
    }
}
