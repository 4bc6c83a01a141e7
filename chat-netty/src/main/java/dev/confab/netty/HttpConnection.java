package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import dev.confab.netty.RequestClock.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP: assembles requests, has them handled one at a time, and writes the responses. There is
 * one object for each connection, so it uses little memory. The preceding handler in the pipeline passes the next
 * request on only after the response to the previous request.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Holder {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final Routes routes;
    private final @Nullable RequestDecoder decoder;
    private final RequestClock clock;
    private final RequestBody body = new RequestBody();

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init")
    private ResponseWriter writer;

    @SuppressWarnings("NullAway.Init")
    private Holding input;

    private @Nullable HttpRequest request;
    private @Nullable Exchange exchange;
    private @Nullable Runnable nextPart;
    private boolean awaitsTurn;
    private boolean isPassing;
    private boolean isLast;

    /** Whether responses wait to be flushed, together with the responses to requests that arrived at the same time. */
    private boolean isUnflushed;

    /** @param decoder the decoder right before this handler; null behind a foreign decoder */
    HttpConnection(Routes routes, @Nullable RequestDecoder decoder) {
        this.routes = routes;
        this.decoder = decoder;
        this.clock = new RequestClock(this, routes.http());
    }

    Channel channel() {
        return context.channel();
    }

    boolean isOwn() {
        return decoder != null;
    }

    /** Whether the response may be one that was encoded in advance and is the same for all clients. */
    boolean takesWhole() {
        return isOwn() && !isLast && !writer.isGranting();
    }

    boolean isDraining() {
        return routes.isDraining();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        input = Holding.ofInput(ctx.channel(), this);
        if (decoder != null) {
            decoder.holdBy(input);
        }
        writer = new ResponseWriter(ctx, decoder, routes.origins());
        if (decoder != null && ctx.channel().isActive()) {
            clock.enter(Phase.FRESH);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (decoder != null) {
            clock.enter(Phase.FRESH);
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        letGo();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        letGo();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection lost", cause);
        } else {
            Faults.log(HttpConnection.class, "Connection closed after a failure", cause);
        }
        ctx.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ServerEvent.DRAINING && isUnasked()) {
            NextPoll.after(ctx.channel().eventLoop(), this::closeIfUnasked);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void closeIfUnasked() {
        if (isUnasked()) {
            context.close();
        }
    }

    private boolean isUnasked() {
        return clock.phase() == Phase.FRESH || clock.phase() == Phase.IDLE;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof KnownRequest repetition) {
            repeat(repetition);
            return;
        }
        if (!(message instanceof HttpObject)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (message instanceof HttpRequest head) {
            isPassing = isForOthers(head);
            if (!isPassing) {
                begin(head);
            }
        }
        if (isPassing) {
            isPassing = !(message instanceof LastHttpContent);
            ctx.fireChannelRead(message);
        } else if (message instanceof HttpContent content) {
            take(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        settle();
        flush();
        input.update();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            if (nextPart == null) {
                settle();
            } else {
                clock.enter(Phase.BUSY);
                awaitTurn();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** Called when the connection has been in a phase for too long. */
    void expire(Phase phase) {
        switch (phase) {
            case FRESH, HEAD, BODY ->
                refuse(HttpException.of(HttpReason.REQUEST_TIMEOUT, "The request did not arrive in time"));
            case WRITING -> {
                if (writer.advances()) {
                    clock.restart();
                } else {
                    context.close();
                }
            }
            case IDLE, LINGERING -> context.close();
            case BUSY -> throw new IllegalStateException("Being busy has no limit");
        }
    }

    /** @param response a complete response; the buffer is released here */
    void answerWhole(ByteBuf response) {
        exchange = null;
        writer.writeWhole(response);
        proceed();
    }

    void answer(Response answer, boolean keepAlive, boolean isHttp11, boolean isHeadRequest) {
        exchange = null;
        isLast |= !keepAlive;
        writer.write(answer, ResponseEncoder.connection(!isLast, isHttp11), isHeadRequest);
        if (!isLast) {
            isUnflushed = true;
            proceed();
        } else {
            settle();
            writer.finish().addListener(ChannelFutureListener.CLOSE);
        }
    }

    /**
     * Begins a response in parts. The exchange is kept until the end of the response, so that it learns when the client
     * goes away.
     */
    void begin(Response head, int length, boolean keepAlive, boolean isHttp11, Runnable writesPart) {
        isLast |= !keepAlive;
        nextPart = writesPart;
        writer.begin(head, length, ResponseEncoder.connection(!isLast, isHttp11));
        awaitTurn();
    }

    private void awaitTurn() {
        if (!awaitsTurn) {
            awaitsTurn = true;
            PartTurns.of(channel().eventLoop()).add(this);
        }
    }

    /**
     * Writes the next part when it is this connection's turn. Meanwhile the response may have ended, or the client may
     * have stopped reading.
     */
    void writePart() {
        awaitsTurn = false;
        Runnable part = nextPart;
        if (part == null || !channel().isWritable()) {
            return;
        }
        try {
            part.run();
        } catch (RuntimeException e) {
            exceptionCaught(context, e);
        }
    }

    void part(ByteBuf part) {
        writer.part(part);
        if (channel().isWritable()) {
            awaitTurn();
        } else {
            awaitClient();
        }
    }

    void end() {
        exchange = null;
        nextPart = null;
        writer.end();
        if (isLast) {
            settle();
            writer.finish().addListener(ChannelFutureListener.CLOSE);
        } else {
            proceed();
        }
    }

    /** Closes the connection, because a response that has begun cannot be completed. */
    void abort() {
        context.close();
    }

    ChannelHandlerContext takeOver(Response head, ChannelHandler... successors) {
        exchange = null;
        return writer.takeOver(head, successors);
    }

    /**
     * Whether a request is for later handlers of the pipeline: there are such handlers, and the path is not below the
     * prefix of our routes. A request that is not valid HTTP is rejected here.
     */
    private boolean isForOthers(HttpRequest head) {
        if (context.pipeline().lastContext() == context || head.decoderResult().isFailure()) {
            return false;
        }
        int pathStart = RequestCheck.pathStart(head.uri());
        return pathStart < 0 || !routes.covers(head.uri(), pathStart);
    }

    private void begin(HttpRequest head) {
        if (isLast || !context.channel().isActive()) {
            return;
        }
        writer.grant(routes.origins().granted(head.headers()));
        try {
            RequestCheck.check(head, routes.http().maxBody());
        } catch (HttpException e) {
            refuse(e);
            return;
        }
        request = head;
        if (HttpUtil.is100ContinueExpected(head) && isBodyAnnounced(head)) {
            writer.writeInterim();
        }
    }

    private void repeat(KnownRequest repetition) {
        if (isLast || !context.channel().isActive()) {
            repetition.release();
            return;
        }
        writer.grant(repetition.request.granted);
        dispatch(repetition.request, repetition.content());
    }

    private static boolean isBodyAnnounced(HttpRequest head) {
        return head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING) || HttpUtil.getContentLength(head, 0L) > 0;
    }

    private void take(HttpContent part) {
        HttpRequest head = request;
        if (head == null) {
            part.release();
        } else if (part.decoderResult().isFailure()) {
            part.release();
            refuse(RequestCheck.bad("The body does not match its headers"));
        } else if (!body.add(part.content(), routes.http().maxBody(), context.alloc())) {
            refuse(RequestCheck.tooLarge(routes.http().maxBody()));
        } else if (part instanceof LastHttpContent) {
            dispatch(head, body.take());
        }
    }

    /** @param content the body; the exchange releases the buffer */
    private void dispatch(HttpRequest head, ByteBuf content) {
        request = null;
        clock.enter(Phase.BUSY);
        Exchange current =
                new Exchange(this, head instanceof KnownHead repeated ? repeated.head : new RequestHead(head), content);
        exchange = current;
        try {
            routes.dispatch(current);
        } catch (RuntimeException e) {
            if (current.isOpen()) {
                current.fail(e);
            } else {
                LOG.error("A handler failed after its response", e);
            }
        }
    }

    /**
     * Rejects a request after which the connection cannot be reused: responds, then closes once the client has read the
     * response.
     */
    private void refuse(HttpException failure) {
        refuse(failure.problem());
    }

    private void refuse(Problem problem) {
        request = null;
        body.release();
        isLast = true;
        if (decoder != null) {
            decoder.discard();
        }
        writer.write(problem.toAnswer(), ResponseEncoder.connection(false, true), false);
        settle();
        // If the connection were closed at once, with unread input, TCP would discard the response that was just sent.
        boolean lingers = decoder != null && channel() instanceof DuplexChannel;
        writer.finish().addListener(lingers ? future -> linger() : ChannelFutureListener.CLOSE);
    }

    private void linger() {
        if (channel().isActive()) {
            clock.enter(Phase.LINGERING);
            ((DuplexChannel) channel()).shutdownOutput();
        }
    }

    /** Continues with the next request after a response. */
    private void proceed() {
        if (decoder == null) {
            flush();
            return;
        }
        decoder.next();
        if (!decoder.isReading()) {
            settle();
            flush();
        }
    }

    private void flush() {
        if (isUnflushed) {
            isUnflushed = false;
            context.flush();
        }
    }

    /** Enters the phase that matches the current state of the connection. */
    private void settle() {
        if (exchange != null || clock.phase() == Phase.LINGERING || !channel().isActive()) {
            return;
        }
        if (isLast || !channel().isWritable()) {
            awaitClient();
        } else if (request != null) {
            clock.enter(Phase.BODY);
        } else if (decoder != null) {
            rest(decoder);
        }
    }

    private void rest(RequestDecoder source) {
        if (source.isMidHead()) {
            clock.enter(Phase.HEAD);
        } else if (clock.phase() != Phase.FRESH) {
            clock.enter(Phase.IDLE);
            if (routes.isDraining()) {
                isLast = true;
                writer.finish().addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    private void awaitClient() {
        if (clock.phase() != Phase.WRITING) {
            writer.advances();
            clock.enter(Phase.WRITING);
        }
    }

    @Override
    public long held() {
        return decoder == null ? 0 : decoder.held() + body.held();
    }

    /**
     * Discards the input that the client sent ahead. If the request that is being handled changes nothing, the
     * connection responds with 503 at once. A publish may already have been stored, so its own response is awaited. In
     * both cases, this response is the connection's last.
     */
    @Override
    public void giveUp() {
        Exchange current = exchange;
        if (decoder == null || nextPart != null || clock.phase() == Phase.LINGERING) {
            context.close();
        } else if (current != null && !current.isSafe()) {
            isLast = true;
            decoder.discard();
        } else {
            exchange = null;
            if (current != null) {
                current.vanish();
            }
            refuse(Problem.of(new ChatException(
                    Reason.OVERLOADED, "The server holds too much unfinished input: repeat the request later")));
        }
        input.update();
    }

    private void letGo() {
        clock.stop();
        input.clear();
        request = null;
        body.release();
        Exchange current = exchange;
        exchange = null;
        nextPart = null;
        if (current != null) {
            current.vanish();
        }
    }
}
