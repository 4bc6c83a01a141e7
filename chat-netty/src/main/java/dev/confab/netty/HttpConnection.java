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
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP: has its requests handled one at a time, and limits the time of each phase. There is
 * one object for each connection, so it uses little memory. The preceding handler in the pipeline passes the next
 * request on only after the response to the previous request.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Holder {
    private static final Problem TOO_MANY_CONNECTIONS = Problem.of(
            HttpReason.TOO_MANY_CONNECTIONS,
            null,
            "Too many connections from this address: close some of them, or try again later");

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final Routes routes;
    private final @Nullable RequestDecoder decoder;
    private final IncomingRequest incoming = new IncomingRequest();

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init")
    private ResponseWriter writer;

    @SuppressWarnings("NullAway.Init")
    private RequestClock clock;

    @SuppressWarnings("NullAway.Init")
    private Holding input;

    private final Admission admission;
    private Identity identity = Identity.ANYONE;
    private @Nullable Exchange exchange;
    private @Nullable PartedResponse parts;

    /** The memory of the body while the identity of the client is awaited, in bytes; otherwise 0. */
    private long unadmitted;

    /** Whether the rest of the current request is for later handlers of the pipeline. */
    private boolean isPassing;

    /** @param decoder the decoder right before this handler; null behind a foreign decoder */
    HttpConnection(Routes routes, @Nullable RequestDecoder decoder, Admission admission) {
        this.routes = routes;
        this.decoder = decoder;
        this.admission = admission;
    }

    Channel channel() {
        return context.channel();
    }

    /** The client of the request that is being handled. */
    Identity identity() {
        return identity;
    }

    void identify(Identity client) {
        identity = client;
    }

    /** Counts the body of the current request as unprocessed input until the identity of the client is known. */
    void awaitIdentity(CompletableFuture<?> known, ByteBuf body) {
        unadmitted = body.isReadable() ? IncomingRequest.memory(body) : 0;
        input.update();
        known.whenComplete((principal, failure) -> {
            if (unadmitted > 0) {
                unadmitted = 0;
                input.update();
            }
        });
    }

    /** Whether the response may be one that was encoded in advance and is the same for all clients. */
    boolean takesWhole() {
        return decoder != null && !writer.isLast() && !writer.isGranting();
    }

    /** Returns whether a request is being handled, or its response is being written in parts. */
    boolean isHandling() {
        return exchange != null;
    }

    Admission admission() {
        return admission;
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
        clock = new RequestClock(this, routes, decoder, incoming, writer);
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
        fail(cause);
    }

    /** Closes the connection after a failure that has no response. */
    void fail(Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection lost", cause);
        } else {
            CloseCause.FAULT.markOn(channel());
            Faults.log(HttpConnection.class, "Connection closed after a failure", cause);
        }
        context.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ServerEvent.DRAINING && clock.isBetweenRequests()) {
            NextPoll.after(ctx.channel().eventLoop(), clock::closeBetweenRequests);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof KnownRequest request) {
            take(request);
            return;
        }
        if (!(message instanceof HttpObject)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (message instanceof HttpRequest head) {
            boolean hasOthers = context.pipeline().lastContext() != context;
            isPassing = hasOthers && !routes.cover(head);
        }
        if (isPassing) {
            isPassing = !(message instanceof LastHttpContent);
            ctx.fireChannelRead(message);
            return;
        }
        if (message instanceof HttpRequest head) {
            begin(head);
        }
        if (message instanceof HttpContent content) {
            take(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        clock.settle();
        writer.flush();
        input.update();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            if (parts == null) {
                clock.settle();
            } else {
                clock.enter(Phase.BUSY);
                parts.awaitTurn();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** @param response a complete response; the buffer is released here */
    void answerWhole(ByteBuf response) {
        exchange = null;
        writer.writeWhole(response);
        proceed();
    }

    void answer(Response answer, boolean keepAlive, boolean isHttp11, boolean isHeadRequest) {
        exchange = null;
        if (!keepAlive) {
            writer.setLast();
        }
        writer.write(answer, isHttp11, isHeadRequest);
        proceed();
    }

    /**
     * Begins a response in parts. The exchange is kept until the end of the response, so that it learns when the client
     * goes away.
     *
     * @param writesPart writes the next part
     */
    PartedResponse begin(Response head, int length, boolean keepAlive, boolean isHttp11, Runnable writesPart) {
        if (!keepAlive) {
            writer.setLast();
        }
        writer.begin(head, length, isHttp11);
        PartedResponse begun = new PartedResponse(this, writer, clock, writesPart);
        parts = begun;
        begun.awaitTurn();
        return begun;
    }

    /** Called when a response in parts is complete. */
    void partsWritten() {
        exchange = null;
        parts = null;
        proceed();
    }

    ChannelHandlerContext takeOver(Response head, ChannelHandler... successors) {
        exchange = null;
        return writer.takeOver(head, successors);
    }

    private boolean takesRequests() {
        return !writer.isLast() && context.channel().isActive();
    }

    private void begin(HttpRequest head) {
        if (!takesRequests()) {
            return;
        }
        String granted = routes.origins().granted(head.headers());
        writer.grant(granted);
        routes.origins().dropCookies(head.headers(), granted);
        try {
            RequestCheck.check(head, routes.http().maxBody());
        } catch (HttpException e) {
            refuse(e.problem());
            return;
        }
        incoming.begin(head);
        if (RequestCheck.awaitsInterim(head)) {
            writer.writeInterim();
        }
    }

    private void take(HttpContent part) {
        boolean isComplete;
        try {
            isComplete = incoming.add(part, routes.http().maxBody(), context.alloc());
        } catch (HttpException e) {
            refuse(e.problem());
            return;
        }
        if (isComplete) {
            dispatch(new RequestHead(incoming.takeHead()), incoming.takeBody(), null);
        }
    }

    private void take(KnownRequest request) {
        if (takesRequests()) {
            writer.grant(request.granted());
            dispatch(request.head(), request.content(), request.endpoint());
        } else {
            request.release();
        }
    }

    /**
     * @param content the body; the exchange releases the buffer
     * @param endpoint null when it is not known yet
     */
    private void dispatch(RequestHead head, ByteBuf content, @Nullable Endpoint endpoint) {
        if (!admission.begin(head.headers())) {
            content.release();
            refuse(TOO_MANY_CONNECTIONS);
            return;
        }
        clock.enter(Phase.BUSY);
        Exchange current = new Exchange(this, head, content);
        exchange = current;
        try {
            if (endpoint == null) {
                routes.dispatch(current);
            } else {
                routes.enter(current, endpoint);
            }
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
    void refuse(Problem problem) {
        CloseCause.REJECTED.markOn(channel());
        incoming.discard();
        writer.setLast();
        if (decoder != null) {
            decoder.discard();
        }
        writer.write(problem.toAnswer(), true, false);
        clock.settle();
        // If the connection were closed at once, with unread input, TCP would discard the response that was just sent.
        boolean lingers = decoder != null && channel() instanceof DuplexChannel;
        writer.finish().addListener(lingers ? written -> clock.linger() : ChannelFutureListener.CLOSE);
    }

    /** Continues with the next request after a response, or closes the connection after the last response. */
    private void proceed() {
        admission.end();
        if (writer.isLast()) {
            clock.settle();
            writer.finish().addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (decoder == null) {
            writer.flush();
            return;
        }
        decoder.next();
        if (!decoder.isReading()) {
            clock.settle();
            writer.flush();
        }
    }

    @Override
    public long held() {
        return decoder == null ? 0 : decoder.held() + incoming.held() + unadmitted;
    }

    /**
     * Discards the input that the client sent ahead. If the request that is being handled changes nothing, the
     * connection responds with 503 at once, and also if the identity of the client is still awaited. A publish may
     * already have been stored, so its own response is awaited. In all cases, this response is the connection's last.
     */
    @Override
    public void giveUp() {
        CloseCause.OVERLOADED.markOn(channel());
        Exchange current = exchange;
        if (decoder == null || parts != null || clock.phase() == Phase.LINGERING) {
            context.close();
        } else if (current != null && !current.isSafe() && unadmitted == 0) {
            writer.setLast();
            decoder.discard();
        } else {
            exchange = null;
            unadmitted = 0;
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
        unadmitted = 0;
        input.clear();
        incoming.discard();
        if (parts != null) {
            parts.cancel();
            parts = null;
        }
        Exchange current = exchange;
        exchange = null;
        if (current != null) {
            current.vanish();
        }
    }
}
