package dev.confab.sse;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Position;
import dev.confab.core.Presence.Attendance;
import dev.confab.netty.DrainCounter;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.FanOutConfig;
import dev.confab.netty.Hello;
import dev.confab.netty.Operation;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.Response;
import dev.confab.netty.Sessions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;

/**
 * Handles {@code GET /events} (Server-Sent Events). The response has an endless body: first the entries after the
 * cursor, and then the entries that are published. An idle stream needs no thread and no timer of its own.
 *
 * <p>A native {@code EventSource} connects again by itself only after a response with status 200. Therefore the
 * response depends on the kind of failure:
 *
 * <ul>
 *   <li>After a temporary failure, such as a drain or a store that cannot be reached, the response has status 200,
 *       contains {@code retry:} and ends.
 *   <li>After a permanent failure, such as an invalid room, the response is an error.
 * </ul>
 */
public final class SseHandler implements Endpoint {
    /**
     * The limit of one write. The event stream adds at most half of the length of the JSON form, so a write stays below
     * 64 KiB, unless the write is a single large entry.
     */
    private static final Limit WRITE = new Limit(1_000, 42 << 10);

    private static final AsciiString EVENT_STREAM = AsciiString.cached("text/event-stream");

    /** The header that tells nginx, and other proxies that support the header, to forward data without buffering. */
    private static final AsciiString ACCEL_BUFFERING = AsciiString.cached("x-accel-buffering");

    private final ChatService chat;
    private final IntUnaryOperator random;
    private final int retryMillis;
    private final long stuckMillis;
    private final FanOut<Stream> fanOut;
    private final Sessions sessions;
    private final DrainCounter streams = new DrainCounter();

    /** Creates a handler whose sessions no other transport shares. */
    public SseHandler(ChatService chat, SseConfig config) {
        this(chat, config, new Sessions());
    }

    /** @param sessions gets the streams of this handler; other transports may share it */
    public SseHandler(ChatService chat, SseConfig config, Sessions sessions) {
        this(chat, config, sessions, bound -> ThreadLocalRandom.current().nextInt(bound));
    }

    /** @param random returns a random number from 0 (inclusive) to its argument (exclusive) */
    SseHandler(ChatService chat, SseConfig config, Sessions sessions, IntUnaryOperator random) {
        this.chat = chat;
        this.sessions = sessions;
        sessions.follow(chat);
        this.random = random;
        this.retryMillis = (int) config.retry().toMillis();
        this.stuckMillis = config.stuckAfter().toMillis();
        FanOutConfig fanOutConfig = FanOutConfig.defaults()
                .withLimit(WRITE)
                .withKeepAlive(config.heartbeat())
                .withStuckAfter(config.stuckAfter());
        this.fanOut = new FanOut<>(chat, new EventEncoder(), fanOutConfig);
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/events";
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        if (streams.isDraining()) {
            comeBack(exchange);
            return;
        }
        StreamRequest request =
                StreamRequest.of(exchange.query(), exchange.request().headers());
        ReadRequest read = request.read();
        exchange.identity().check(read.nick());
        exchange.permitted(
                Operation.READ,
                read.rooms(),
                () -> exchange.then(
                        chat.locate(read.rooms(), read.start()),
                        position -> open(exchange, request, position),
                        failure -> refuse(exchange, failure)));
    }

    /** Returns the number of open streams. */
    int openStreams() {
        return streams.open();
    }

    @Override
    public ReaderStats readerStats() {
        return fanOut.stats("sse");
    }

    /** Ends all streams, and streams that are requested later, so that their clients connect to another node. */
    @Override
    public CompletionStage<Void> drain(Duration time) {
        streams.drain();
        sessions.unfollow(chat);
        fanOut.drain(stream -> stream.end(retry()), time);
        return streams.drained();
    }

    FanOut<Stream> fanOut() {
        return fanOut;
    }

    private void open(Exchange exchange, StreamRequest request, Position position) {
        if (streams.isDraining()) {
            comeBack(exchange);
            return;
        }
        if (exchange.isHeadRequest()) {
            exchange.answer(head(Unpooled.EMPTY_BUFFER).withoutLength());
            return;
        }
        MessageId start = position.cursor();
        Gap gap = request.isLost() ? new Gap(Gap.Cause.REPLACED, start) : position.gap();
        boolean chunked = exchange.isHttp11();
        Attendance attendance = request.read().attend(chat);
        Stream stream =
                new Stream(this, exchange.channel(), request.read(), start, chunked, attendance, exchange.identity());
        Hello hello = Hello.at(start, request.read().view().ids());
        ByteBuf first =
                EventEncoder.opening(retry(), hello, gap, exchange.channel().alloc());
        Response head = head(chunked ? first : EventEncoder.unwrap(first));
        if (chunked) {
            head.with(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                    .with(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        stream.belongTo(hello);
        // The client may name its session as soon as it has the hello.
        stream.list(sessions.open(hello.session(), stream, request.read().rooms()));
        ChannelHandlerContext context = exchange.takeOver(head, new StreamHandler(this, stream));
        if (context == null) {
            stream.closed();
        } else if (stream.channel().isActive()) {
            stream.watch();
            fanOut.join(stream, request.read().view(), start);
            if (streams.isDraining()) {
                // The drain may have listed the streams just before this stream joined.
                stream.end(retry());
            }
        }
    }

    /** Counts a stream that begins. Called on the event loop of the stream. */
    void opened() {
        streams.opened();
    }

    /**
     * Ends a stream that is over, no matter which side ended it. Called on the event loop of the stream, once for each
     * stream that was opened.
     */
    void closed(Stream stream) {
        stream.closed();
        streams.closed();
    }

    private void refuse(Exchange exchange, ChatException failure) {
        if (failure.reason().isTemporary()) {
            comeBack(exchange);
        } else {
            exchange.fail(failure);
        }
    }

    /** Responds with a stream that ends at once, so that the client connects again. */
    private void comeBack(Exchange exchange) {
        exchange.answer(head(EventEncoder.unwrap(
                EventEncoder.farewell(retry(), exchange.channel().alloc()))));
    }

    private static Response head(ByteBuf body) {
        return Response.of(HttpResponseStatus.OK, EVENT_STREAM, body).with(ACCEL_BUFFERING, "no");
    }

    /** Returns how long a client may take to accept the end of its stream, in ms. */
    long stuckMillis() {
        return stuckMillis;
    }

    /** Returns a random time for each stream, so that the clients do not all connect again at once. */
    int retry() {
        return retryMillis + random.applyAsInt(retryMillis);
    }
}
