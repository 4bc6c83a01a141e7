package dev.confab.websocket;

import dev.confab.netty.CloseCause;
import dev.confab.netty.Faults;
import dev.confab.netty.Holder;
import dev.confab.netty.Holding;
import dev.confab.netty.OutputEnd;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import dev.confab.websocket.SocketListener.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket connection as in RFC 6455: assembles messages, replies to pings, and sends at most one close frame, with
 * nothing after it. Other classes encode the frames that are written here. This is the only handler of the connection.
 * Confined to the event loop.
 */
final class Socket extends PausableDecoder implements Holder {
    /**
     * The longest time that a server which shuts down waits for the reply to its close frame, because the other clients
     * wait for its restart.
     */
    private static final long DRAIN_CLOSE_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Socket.class);

    private enum State {
        OPEN,
        /** Our close frame is sent. The peer's close frame is awaited, and all other input is ignored. */
        CLOSING,
        /** All further input is discarded. */
        ENDED
    }

    private final WebSocketConfig config;
    private SocketListener listener;
    private final Intake intake;
    private final Liveness liveness;

    @SuppressWarnings("NullAway.Init") // Netty calls handlerAdded before all other methods
    private Holding holding;

    private State state = State.OPEN;
    private boolean isOnHold;
    private boolean isUnflushed;
    private @Nullable Timeout deadline;

    /** @param decoderConfig the result of {@link #decoderConfig}, shared by all sockets */
    Socket(WebSocketConfig config, WebSocketDecoderConfig decoderConfig, SocketListener listener) {
        super(decoderConfig);
        this.config = config;
        this.listener = listener;
        this.intake = new Intake(config, listener);
        this.liveness = new Liveness(config);
    }

    /** Replaces the listener. */
    void listenBy(SocketListener next) {
        listener = next;
        intake.listenBy(next);
    }

    static WebSocketDecoderConfig decoderConfig(WebSocketConfig config) {
        return WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(config.maxMessage())
                .allowExtensions(false)
                .closeOnProtocolViolation(false)
                .build();
    }

    /**
     * Returns whether frames may still be sent: no close frame was sent or received, and the connection is not lost.
     */
    boolean isOpen() {
        return state == State.OPEN;
    }

    ByteBufAllocator allocator() {
        return context().alloc();
    }

    /** Returns whether written frames wait for {@link #flush}. */
    boolean isUnflushed() {
        return isUnflushed;
    }

    /**
     * Writes frames that are sent with the next {@link #flush}. After a read, the flush happens automatically. Drops
     * the frames when the socket is not open.
     *
     * @param frames are released here
     */
    void write(ByteBuf frames) {
        if (state == State.OPEN) {
            isUnflushed = true;
            context().write(frames, context().voidPromise());
        } else {
            frames.release();
        }
    }

    void flush() {
        if (isUnflushed) {
            isUnflushed = false;
            context().flush();
        }
    }

    /** Writes frames and sends them at once. */
    void writeAndFlush(ByteBuf frames) {
        write(frames);
        flush();
    }

    /**
     * Pauses or resumes the processing of input. While on hold, input that has been received but not yet decoded also
     * waits.
     */
    void hold(boolean hold) {
        isOnHold = hold;
        settle();
    }

    /**
     * Pauses or resumes input. Input is paused on hold, and also while the client does not read, because replies to it
     * would pile up.
     */
    private void settle() {
        if (state != State.OPEN) {
            return;
        }
        if (isOnHold || !context().channel().isWritable()) {
            pause();
        } else if (isPaused()) {
            resume();
            proceed();
        }
    }

    /**
     * Runs a round of pings. Closes the connection if the client has been silent for too many rounds, or if the channel
     * is not writable and the client has taken no data for too long.
     */
    void keepAlive() {
        if (state != State.OPEN) {
            return;
        }
        Channel channel = context().channel();
        if (!channel.isWritable()) {
            if (!liveness.countStall(channel.bytesBeforeWritable())) {
                close(CloseCode.SLOW);
            }
        } else if (isPaused()) {
            // The client is not read, so its silence proves nothing.
            liveness.heard();
        } else if (liveness.countPing()) {
            writeAndFlush(Frames.ping(allocator()));
        } else {
            close(CloseCode.SILENT);
        }
    }

    /**
     * Sends a close frame, then waits for the client's close frame for a limited time. Nothing is sent after the close
     * frame. Idempotent.
     */
    void close(CloseCode reason) {
        if (state == State.OPEN) {
            reason.cause().markOn(context().channel());
        }
        close(Frames.close(allocator(), reason), reason == CloseCode.GOING_AWAY ? DRAIN_CLOSE_MILLIS : Long.MAX_VALUE);
    }

    /** Does the same with a code and a reason of the application. */
    void close(int code, String reason) {
        close(Frames.close(allocator(), code, reason), Long.MAX_VALUE);
    }

    private void close(ByteBuf frame, long maxMillis) {
        if (state != State.OPEN) {
            frame.release();
            return;
        }
        context().write(frame, context().voidPromise());
        leaveOpen(State.CLOSING, Ending.BY_SERVER);
        context().flush();
        awaitEnd(maxMillis);
        proceed();
    }

    /**
     * Sends a close frame, if none was sent, and discards all further input, which cannot be understood or must not be
     * processed.
     */
    void fail(CloseCode reason) {
        if (state == State.OPEN) {
            reason.cause().markOn(context().channel());
            end(Frames.close(allocator(), reason), Ending.BY_SERVER);
        } else if (state == State.CLOSING) {
            end(Unpooled.EMPTY_BUFFER, Ending.BY_SERVER);
        }
    }

    /**
     * Sends the last bytes, then shuts the output down. The channel is closed only after the client has closed it, or
     * after a timeout: if it were closed with unread input, TCP would discard the bytes that were just sent.
     */
    private void end(ByteBuf last, Ending ending) {
        boolean isAwaited = deadline != null;
        leaveOpen(State.ENDED, ending);
        context().writeAndFlush(last).addListener(sent -> {
            if (context().channel() instanceof DuplexChannel duplex && sent.isSuccess()) {
                OutputEnd.shutDown(duplex);
            } else {
                context().close();
            }
        });
        if (!isAwaited) {
            awaitEnd(Long.MAX_VALUE);
        }
    }

    private void awaitEnd(long maxMillis) {
        deadline = TimerWheel.of(context().channel().eventLoop())
                .in(Math.min(config.closeTimeout().toMillis(), maxMillis), context()::close);
    }

    private void leaveOpen(State next, Ending ending) {
        boolean wasOpen = state == State.OPEN;
        state = next;
        if (next == State.ENDED) {
            discard();
        } else {
            resume();
        }
        intake.release();
        if (wasOpen) {
            listener.closed(ending);
        }
    }

    @Override
    void handle(WebSocketFrame frame) {
        try {
            if (frame instanceof CloseWebSocketFrame close) {
                handleClose(close);
            } else if (state == State.OPEN) {
                CloseCode failure = handleOpen(frame);
                if (failure != null) {
                    fail(failure);
                }
            }
        } finally {
            frame.release();
        }
    }

    private void handleClose(CloseWebSocketFrame frame) {
        if (state == State.CLOSING) {
            end(Unpooled.EMPTY_BUFFER, Ending.BY_SERVER);
            return;
        }
        Integer code = frame.content().isReadable()
                ? frame.content().getUnsignedShort(frame.content().readerIndex())
                : null;
        if (code != null && code > 4999) {
            fail(CloseCode.PROTOCOL_ERROR);
        } else {
            boolean comesBack = code != null && code >= 4000 && code < 4500;
            end(Frames.closeEcho(allocator(), code), comesBack ? Ending.DROPPED : Ending.BY_CLIENT);
        }
    }

    private @Nullable CloseCode handleOpen(WebSocketFrame frame) {
        boolean isPing = frame instanceof PingWebSocketFrame;
        if (!isPing && !(frame instanceof PongWebSocketFrame)) {
            return intake.take(frame, allocator());
        }
        CloseCode failure = intake.countControl();
        if (failure == null && isPing) {
            write(Frames.pong(allocator(), frame.content()));
        }
        return failure;
    }

    @Override
    public long held() {
        return internalBuffer().capacity() + intake.held();
    }

    @Override
    public void giveUp() {
        fail(CloseCode.OVERLOADED);
        proceed();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        holding = Holding.ofInput(ctx.channel(), this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        liveness.heard();
        if (input instanceof ByteBuf bytes && holding.isExhausted(bytes.readableBytes())) {
            ReferenceCountUtil.release(input);
            CloseCause.OVERLOADED.markOn(ctx.channel());
            ctx.close();
            return;
        }
        super.channelRead(ctx, input);
        holding.update();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        super.channelReadComplete(ctx);
        flush();
        holding.update();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (state == State.OPEN) {
            settle();
            listener.writabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        leaveOpen(State.ENDED, Ending.DROPPED);
        if (deadline != null) {
            deadline.cancel();
        }
        super.channelInactive(ctx);
        holding.clear();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        leaveOpen(State.ENDED, Ending.DROPPED);
        holding.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            fail(CloseCode.whenDecodingFails(corrupted.closeStatus()));
        } else if (cause instanceof IOException) {
            LOG.debug("Connection lost", cause);
            ctx.close();
        } else {
            Faults.log(Socket.class, "Connection closed after a failure", cause);
            fail(CloseCode.INTERNAL);
        }
    }
}
