package dev.confab.websocket;

import dev.confab.core.Attendance;
import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Position;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.Start;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Hello;
import dev.confab.netty.ReadRequest;
import dev.confab.websocket.SocketListener.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /ws}: reading and publishing over WebSocket (RFC 6455, without extensions). The first frame is {@code hello} with
 * the cursor where reading starts, then comes a gap if there is one, then every entry after the cursor, in order, once.
 *
 * <p>The start is found before the handshake is answered. So what is wrong with a request, and a log that cannot be read, is an
 * HTTP status, and {@code hello} goes out with the answer.
 */
public final class WebSocketHandler implements Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketHandler.class);

    /** What one write brings: with the channel's high water mark of 64 KiB, and frame heads, below 128 KiB held for a client. */
    private static final Limit WRITE = new Limit(1_000, 56 << 10);

    private final ChatService chat;
    private final WebSocketConfig config;
    private final WebSocketDecoderConfig decoderConfig;
    private final FanOut fanOut;
    private final BroadcastHub hub = new BroadcastHub();
    private final Map<EventLoop, AckQueue> acks = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    public WebSocketHandler(ChatService chat, WebSocketConfig config) {
        this.chat = chat;
        this.config = config;
        this.decoderConfig = Socket.decoderConfig(config);
        this.fanOut = new FanOut(
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
        // First, so that a browser's client, which is not told why a handshake failed, can ask by a plain GET.
        ReadRequest request = ReadRequest.of(exchange.query(), Start.LATEST);
        if (exchange.isHeadRequest() || Handshake.isMissing(headers, exchange.isCurrentVersion())) {
            exchange.answer(Handshake.upgradeRequired());
            return;
        }
        Handshake handshake = Handshake.of(headers);
        exchange.park();
        BiConsumer<@Nullable Position, @Nullable Throwable> then = (position, failure) -> {
            try {
                if (failure != null) {
                    exchange.fail(ChatException.of(failure));
                } else {
                    open(exchange, handshake, request, Objects.requireNonNull(position));
                }
            } catch (RuntimeException e) { // a future would swallow it, and the client would wait
                exchange.fail(e);
            }
        };
        CompletableFuture<Position> found = chat.locate(request.rooms(), request.start());
        if (found.isDone()) {
            found.whenComplete(then);
        } else {
            found.whenCompleteAsync(then, exchange.channel().eventLoop());
        }
    }

    /**
     * Sends {@code {"type":"notice","room":…,"text":…}} to all who read {@code room} here. It is not in the log: who is not
     * connected, or is behind with reading, does not get it. For any thread.
     */
    public void notice(Room room, String text) {
        hub.broadcast(room, ServerFrame.notice(room, text));
    }

    /** How often a range of entries was encoded to be shared. */
    public long encodes() {
        return fanOut.encodes();
    }

    /** How many connections there are, those that are closing too. */
    public int connections() {
        return connections.get();
    }

    /**
     * New connections are refused; those that are there are closed with 1001, one after the other, each after all it published
     * is answered.
     */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        fanOut.drain(reader -> ((Session) reader).drain(), time);
        endIfDrained();
        return drained;
    }

    private void open(Exchange exchange, Handshake handshake, ReadRequest request, Position position) {
        if (draining) {
            throw new ChatException(Reason.DRAINING, "the server is shutting down");
        }
        EventLoop loop = exchange.channel().eventLoop();
        AckQueue queue = acks.computeIfAbsent(loop, AckQueue::new);
        Attendance attendance = request.attend(chat);
        Session session = new Session(this, exchange.channel(), request, queue, attendance);
        ByteBuf greeting = greeting(position, exchange.channel().alloc());
        if (exchange.takeOver(handshake.toAnswer(greeting), session.socket()) != null) {
            session.start(position.cursor());
        } else if (attendance != null) {
            attendance.drop();
        }
    }

    private static ByteBuf greeting(Position position, ByteBufAllocator allocator) {
        ByteBuf out = allocator.ioBuffer(256);
        Frames.writeText(out, Hello.at(position.cursor()).json());
        Gap gap = position.gap();
        if (gap != null) {
            Frames.writeText(out, gap.json());
        }
        return out;
    }

    ChatService chat() {
        return chat;
    }

    WebSocketConfig config() {
        return config;
    }

    BroadcastHub hub() {
        return hub;
    }

    Socket socket(Session session) {
        return new Socket(config, decoderConfig, session);
    }

    /** A session begins. */
    void opened(Session session, MessageId cursor) {
        connections.incrementAndGet();
        hub.add(session);
        fanOut.join(session, session.rooms(), cursor);
        // The sweep may have begun without it.
        if (draining) {
            session.drain();
        }
    }

    /** A session ended; nothing more is sent to it. */
    void closed(Session session, Ending ending) {
        LOG.debug("A session ended: {}", ending);
        hub.remove(session);
    }

    /** A session's channel is closed. */
    void gone() {
        connections.decrementAndGet();
        endIfDrained();
    }

    private void endIfDrained() {
        if (draining && connections.get() == 0) {
            drained.complete(null);
        }
    }
}
