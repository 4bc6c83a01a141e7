package dev.confab.netty;

import dev.confab.netty.RequestClock.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP: puts requests together, has them handled one at a time, and writes the answers. There is
 * one for each connection, so it holds little; what comes before it in the pipeline hands it the next request only after the
 * answer to the last.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final Routes routes;
    private final @Nullable RequestDecoder decoder;
    private final RequestClock clock;
    private final RequestBody body = new RequestBody();

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    private @Nullable HttpRequest request;
    private @Nullable String granted;
    private @Nullable Exchange exchange;
    private @Nullable Runnable writable;
    private boolean isPassing;
    private boolean isLast;
    private long unwritten;

    /** @param decoder the own one, right before this; null behind a foreign one */
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

    /** The foreign origin that the current request comes from and that is allowed, or null. */
    @Nullable String granted() {
        return granted;
    }

    boolean isDraining() {
        return routes.isDraining();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
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
            LOG.warn("Connection closed after a fault", cause);
        }
        ctx.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ServerEvent.DRAINING && (clock.phase() == Phase.FRESH || clock.phase() == Phase.IDLE)) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
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
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            Runnable parts = writable;
            if (parts == null) {
                settle();
            } else {
                clock.enter(Phase.BUSY);
                parts.run();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** Too long in one phase. */
    void expire(Phase phase) {
        switch (phase) {
            case FRESH, HEAD, BODY ->
                refuse(HttpException.of(HttpReason.REQUEST_TIMEOUT, "The request did not arrive in time"));
            case WRITING -> {
                long before = unwritten;
                unwritten = channel().bytesBeforeWritable();
                if (unwritten < before) {
                    clock.restart();
                } else {
                    context.close();
                }
            }
            case IDLE, LINGERING -> context.close();
            case BUSY -> throw new IllegalStateException("Being busy has no limit");
        }
    }

    /** @param response complete and taken over */
    void answerWhole(ByteBuf response) {
        exchange = null;
        context.writeAndFlush(response, context.voidPromise());
        proceed();
    }

    void answer(Answer answer, boolean keepAlive, boolean isCurrent, boolean isHead) {
        exchange = null;
        isLast |= !keepAlive;
        write(answer, AnswerEncoder.connection(keepAlive, isCurrent), isHead);
        if (keepAlive) {
            context.flush();
            proceed();
        } else {
            settle();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** An answer in parts: until its end the exchange stays, so that it is told when the client goes away. */
    void begin(Answer head, int length, boolean keepAlive, boolean isCurrent, Runnable onWritable) {
        isLast |= !keepAlive;
        writable = onWritable;
        routes.origins().addTo(head, granted);
        CharSequence said = AnswerEncoder.connection(keepAlive, isCurrent);
        if (decoder == null) {
            context.write(AnswerEncoder.responseHead(head, said, length));
        } else {
            context.write(AnswerEncoder.lengthHead(head, said, length, context.alloc()), context.voidPromise());
        }
        head.release();
    }

    void part(ByteBuf part) {
        if (decoder == null) {
            context.writeAndFlush(new DefaultHttpContent(part));
        } else {
            context.writeAndFlush(part, context.voidPromise());
        }
        if (!channel().isWritable() && clock.phase() != Phase.WRITING) {
            unwritten = channel().bytesBeforeWritable();
            clock.enter(Phase.WRITING);
        }
    }

    void end() {
        exchange = null;
        writable = null;
        if (decoder == null) {
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        if (isLast) {
            settle();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            proceed();
        }
    }

    ChannelHandlerContext takeOver(Answer head, ChannelHandler... successors) {
        exchange = null;
        routes.origins().addTo(head, granted);
        return TakeOver.run(context, head, successors);
    }

    /** Others are behind us, and the path is not ours. What is no HTTP at all we answer ourselves. */
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
        granted = routes.origins().granted(head.headers());
        try {
            RequestCheck.check(head, routes.http().maxBody());
        } catch (HttpException e) {
            refuse(e);
            return;
        }
        request = head;
        if (HttpUtil.is100ContinueExpected(head) && isBodyAnnounced(head)) {
            sendInterim();
        }
    }

    private static boolean isBodyAnnounced(HttpRequest head) {
        return head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING) || HttpUtil.getContentLength(head, 0L) > 0;
    }

    private void sendInterim() {
        if (decoder != null) {
            context.writeAndFlush(AnswerEncoder.interim(context.alloc()), context.voidPromise());
        } else {
            context.writeAndFlush(AnswerEncoder.response(Answer.of(HttpResponseStatus.CONTINUE), null));
        }
    }

    private void take(HttpContent part) {
        HttpRequest head = request;
        if (head == null) {
            part.release();
        } else if (part.decoderResult().isFailure()) {
            part.release();
            refuse(RequestCheck.bad("The body is not as its headers say"));
        } else if (!body.add(part.content(), routes.http().maxBody(), context.alloc())) {
            refuse(RequestCheck.tooLarge(routes.http().maxBody()));
        } else if (part instanceof LastHttpContent) {
            dispatch(head);
        }
    }

    private void dispatch(HttpRequest head) {
        request = null;
        clock.enter(Phase.BUSY);
        Exchange current = new Exchange(this, head, body.take());
        exchange = current;
        try {
            routes.dispatch(current);
        } catch (RuntimeException e) {
            if (current.isOpen()) {
                current.fail(e);
            } else {
                LOG.error("A handler failed after its answer", e);
            }
        }
    }

    /** What was sent cannot be gone on with: says so, and closes when the client has read it. */
    private void refuse(HttpException failure) {
        request = null;
        body.release();
        isLast = true;
        if (decoder != null) {
            decoder.discard();
        }
        write(failure.problem().toAnswer(), AnswerEncoder.connection(false, true), false);
        settle();
        // Closing at once, with input unread, would make TCP take back what was just sent.
        boolean lingers = decoder != null && channel() instanceof DuplexChannel;
        context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(lingers ? future -> linger() : ChannelFutureListener.CLOSE);
    }

    private void linger() {
        if (channel().isActive()) {
            clock.enter(Phase.LINGERING);
            ((DuplexChannel) channel()).shutdownOutput();
        }
    }

    private void write(Answer answer, @Nullable CharSequence connection, boolean isHead) {
        routes.origins().addTo(answer, granted);
        if (decoder != null) {
            AnswerWriter.writeBytes(context, answer, connection, isHead);
        } else {
            AnswerWriter.writeObject(context, answer, connection);
        }
    }

    /** After an answer: on to the next request. */
    private void proceed() {
        granted = null;
        if (decoder == null) {
            return;
        }
        decoder.next();
        if (!decoder.isReading()) {
            settle();
        }
    }

    /** Finds out what it is doing now. */
    private void settle() {
        if (exchange != null || clock.phase() == Phase.LINGERING || !channel().isActive()) {
            return;
        }
        if (isLast || !channel().isWritable()) {
            if (clock.phase() != Phase.WRITING) {
                unwritten = channel().bytesBeforeWritable();
                clock.enter(Phase.WRITING);
            }
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
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    private void letGo() {
        clock.stop();
        request = null;
        body.release();
        Exchange current = exchange;
        exchange = null;
        writable = null;
        if (current != null) {
            current.vanish();
        }
    }
}
