package dev.confab.websocket;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Position;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.DrainCounter;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Hello;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.Identity;
import dev.confab.netty.LiveEvent;
import dev.confab.netty.Operation;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.Sessions;
import dev.confab.websocket.SocketListener.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /ws}: reading and publishing over WebSocket (RFC 6455, without extensions). The first frame is
 * {@code hello} with the cursor at which reading starts. A gap follows, if there is one, and then every entry after the
 * cursor, in order and once.
 *
 * <p>The handler finds the start of reading before it responds to the handshake. Therefore an invalid request, or a log
 * that cannot be read, gets an HTTP error status, and {@code hello} is sent together with the response.
 *
 * <p>Safe for any thread, except for {@link #handle}.
 */
public final class WebSocketHandler implements Endpoint {
    /**
     * The limit of one write. Together with the channel's high water mark of 64 KiB and the frame heads, the server
     * holds less than 128 KiB for a client.
     */
    private static final Limit WRITE = new Limit(1_000, 56 << 10);

    private final ChatService chat;
    private final WebSocketConfig config;
    private final WebSocketDecoderConfig decoderConfig;
    private final FanOut<SessionReader> fanOut;
    private final RoomChanges changes;
    private final Sessions sessions;
    private final Map<EventLoop, AckQueue> acks = new ConcurrentHashMap<>();
    private final DrainCounter connections = new DrainCounter();
    private final Set<Admission> admissions = ConcurrentHashMap.newKeySet();

    /** Creates a handler whose sessions no other transport shares. */
    public WebSocketHandler(ChatService chat, WebSocketConfig config) {
        this(chat, config, new Sessions());
    }

    /** @param sessions gets the sessions of this handler; other transports may share it */
    public WebSocketHandler(ChatService chat, WebSocketConfig config, Sessions sessions) {
        this.chat = chat;
        this.config = config;
        this.sessions = sessions;
        sessions.follow(chat);
        this.decoderConfig = Socket.decoderConfig(config);
        this.changes = new RoomChanges(chat, this);
        this.fanOut = new FanOut<>(
                chat,
                new FrameEncoder(),
                FanOutConfig.defaults()
                        .withLimit(WRITE)
                        .withKeepAlive(config.keepAlive())
                        .withStuckAfter(config.stuckAfter()));
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/ws";
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        HttpHeaders headers = exchange.request().headers();
        // Parsed first, so that a plain GET gets the same errors: a page in a browser cannot see why a handshake
        // failed.
        ReadRequest request = ReadRequest.of(exchange.query(), Start.LATEST);
        boolean echo = echo(exchange.query());
        Identity identity = exchange.identity();
        identity.check(request.nick());
        if (exchange.isHeadRequest() || Handshake.isMissing(headers, exchange.isHttp11())) {
            if (identity.isKnown()) {
                exchange.permitted(Operation.READ, request.rooms(), () -> exchange.answer(Handshake.upgradeRequired()));
            } else {
                exchange.answer(Handshake.upgradeRequired());
            }
            return;
        }
        Handshake handshake = Handshake.of(headers);
        exchange.park();
        if (identity.isKnown()) {
            exchange.permitted(
                    Operation.READ,
                    request.rooms(),
                    () -> exchange.then(
                            chat.locate(request.rooms(), request.start()),
                            position -> open(exchange, handshake, request, echo, position)));
        } else {
            Admission.begin(this, exchange, handshake, request, echo, identity);
        }
    }

    /** The frame {@code auth} has a token, too. */
    @Override
    public boolean takesTokenLater() {
        return true;
    }

    private static boolean echo(Query query) {
        String echo = query.first("echo");
        if (echo != null && !echo.equals("true") && !echo.equals("false")) {
            throw HttpException.invalid(HttpReason.INVALID_PARAMETER, "echo", echo, "true or false");
        }
        return !"false".equals(echo);
    }

    /**
     * Sends {@code {"type":"notice","room":…,"text":…}} to all sessions that read {@code room}, as
     * {@link Sessions#broadcast(Room, String)} does. If other transports share the sessions of this handler, their
     * clients get the notice, too.
     */
    public void notice(Room room, String text) {
        sessions.broadcast(room, text);
    }

    /** Returns the number of connections, including closing ones. */
    int connections() {
        return connections.open();
    }

    FanOut<SessionReader> fanOut() {
        return fanOut;
    }

    @Override
    public ReaderStats readerStats() {
        return fanOut.stats("websocket");
    }

    /**
     * Refuses new connections, and closes the open connections with 1001, one after the other. A connection is closed
     * after all its publishes have been answered.
     */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        connections.drain();
        admissions.forEach(Admission::drain);
        sessions.unfollow(chat);
        fanOut.drain(reader -> reader.session().drain(), time);
        return connections.drained();
    }

    private void open(Exchange exchange, Handshake handshake, ReadRequest request, boolean echo, Position position) {
        if (connections.isDraining()) {
            throw new ChatException(Reason.DRAINING, "the server is shutting down");
        }
        Hello hello = Hello.at(position.cursor(), request.view().ids());
        Session session = createSession(
                hello.session(), exchange.channel(), request, position.cursor(), echo, exchange.identity());
        session.writeTo(createSocket(session));
        session.list(sessions.open(hello.session(), session, request.rooms()));
        session.limitBy(exchange.publishLimit());
        ByteBuf greeting = greeting(hello, position.gap(), exchange.channel().alloc());
        if (exchange.takeOver(handshake.toAnswer(greeting), session.socket()) == null) {
            // The client is gone, and the socket, which would report this, was not added to the pipeline.
            session.closed(Ending.DROPPED);
        } else if (session.socket().isOpen()) {
            join(session);
        }
    }

    /**
     * Opens a session on a socket whose client has authenticated after the handshake.
     *
     * @param admission is replaced by the session
     */
    void open(Admission admission, ReadRequest request, boolean echo, Identity identity, Position position) {
        Socket socket = admission.socket();
        Channel channel = admission.channel();
        if (connections.isDraining()) {
            socket.close(CloseCode.GOING_AWAY);
            return;
        }
        Hello hello = Hello.at(position.cursor(), request.view().ids());
        Session session = createSession(hello.session(), channel, request, position.cursor(), echo, identity);
        session.writeTo(socket);
        session.list(sessions.open(hello.session(), session, request.rooms()));
        session.limitBy(admission.publishes().and(identity.principal()));
        socket.listenBy(session);
        socket.writeAndFlush(greeting(hello, position.gap(), channel.alloc()));
        join(session);
    }

    ChatService chat() {
        return chat;
    }

    /** Counts a socket whose client has not authenticated yet. */
    void begin(Admission admission) {
        admissions.add(admission);
        connections.opened();
    }

    /** Called once for each admission that has begun, when it has ended in any way. */
    void end(Admission admission) {
        if (admissions.remove(admission)) {
            connections.closed();
        }
    }

    boolean isDraining() {
        return connections.isDraining();
    }

    Socket createSocket(SocketListener listener) {
        return new Socket(config, decoderConfig, listener);
    }

    /** Returns a session without a socket. */
    Session createSession(
            String name, Channel channel, ReadRequest request, MessageId start, boolean echo, Identity identity) {
        AckQueue queue = acks.computeIfAbsent(channel.eventLoop(), AckQueue::new);
        return new Session(
                name,
                channel,
                request,
                start,
                echo,
                request.attend(chat),
                chat,
                queue,
                changes,
                config.maxInFlight(),
                identity);
    }

    private static ByteBuf greeting(Hello hello, @Nullable Gap gap, ByteBufAllocator allocator) {
        ByteBuf out = allocator.ioBuffer(256);
        Frames.writeText(out, hello.json());
        if (gap != null) {
            Frames.writeText(out, gap.json(hello.ids()));
        }
        return out;
    }

    /** Counts the session until its channel is closed, and delivers the entries after its start. */
    void join(Session session) {
        connections.opened();
        announce(session, session.rooms(), "connected");
        session.channel().closeFuture().addListener(closed -> {
            connections.closed();
            announce(session, session.rooms(), "disconnected");
        });
        session.watch();
        read(session, session.reader());
    }

    /** Delivers entries to the session by its first reader or a new one, from the start of the reader. */
    void read(Session session, SessionReader reader) {
        session.readWith(reader);
        if (!session.isOpen()) {
            // The session has read a close frame that waited. A reader that joined now would never leave.
            return;
        }
        fanOut.join(reader, reader.view(), reader.cursor());
        // The sweep of the drain may have begun before this reader joined.
        if (connections.isDraining()) {
            session.drain();
        }
    }

    /** Announces a session in a room that it begins to read. */
    void entered(Session session, Room room) {
        announce(session, RoomSet.of(room), "connected");
    }

    /** Announces a session in a room that it no longer reads. */
    void exited(Session session, Room room) {
        announce(session, RoomSet.of(room), "disconnected");
    }

    /**
     * Announces a session without a nick to all others, if this is configured. At a shutdown, the sessions that end are
     * not announced to those that end next.
     */
    private void announce(Session session, RoomSet rooms, String text) {
        if (config.announceAnonymous() && session.nick() == null && !connections.isDraining()) {
            for (Room room : rooms.rooms()) {
                sessions.broadcast(room, LiveEvent.notice(room, session.name(), text), session.name());
            }
        }
    }
}
