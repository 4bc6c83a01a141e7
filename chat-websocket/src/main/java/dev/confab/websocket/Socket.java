package dev.confab.websocket;

import dev.confab.netty.Faults;
import dev.confab.netty.Holder;
import dev.confab.netty.Holding;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import dev.confab.websocket.SocketListener.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket connection as in RFC 6455: decodes frames, assembles messages, replies to pings, and sends at most one
 * close frame, with nothing after it. Other classes encode the frames that are written here.
 *
 * <p>This is the only handler of the connection. It extends Netty's decoder, so that it can pause in the middle of the
 * received bytes. Confined to the event loop.
 */
final class Socket extends WebSocket13FrameDecoder implements Holder {
    /**
     * The longest time that a server which shuts down waits for the reply to its close frame, because the other clients
     * wait for its restart.
     */
    private static final long DRAIN_CLOSE_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Socket.class);

    /** The number of rounds of pings for which a client may be silent. */
    private static final int SILENT_ROUNDS = 2;

    private enum State {
        OPEN,
        /** Our close frame is sent. The peer's close frame is awaited, and all other input is ignored. */
        CLOSING,
        /** All further input is ignored. */
        ENDED
    }

    private final WebSocketConfig config;
    private final SocketListener listener;
    private final Intake intake;

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init")
    private Holding held;

    private State state = State.OPEN;
    private boolean isHeld;
    private boolean isPaused;
    private boolean isUnflushed;
    private @Nullable Timeout deadline;
    private int quietRounds;
    private long unwritten;

    /** @param decoderConfig the result of {@link #decoderConfig}, shared by all sockets */
    Socket(WebSocketConfig config, WebSocketDecoderConfig decoderConfig, SocketListener listener) {
        super(decoderConfig);
        this.config = config;
        this.listener = listener;
        this.intake = new Intake(config, listener);
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
        return context.alloc();
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
            context.write(frames, context.voidPromise());
        } else {
            frames.release();
        }
    }

    void flush() {
        if (isUnflushed) {
            isUnflushed = false;
            context.flush();
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
        isHeld = hold;
        settle();
    }

    /**
     * Sends a close frame, then waits for the client's close frame for a limited time. Nothing is sent after the close
     * frame. Idempotent.
     */
    void close(CloseCode reason) {
        if (state == State.OPEN) {
            context.write(Frames.close(allocator(), reason), context.voidPromise());
            leaveOpen(State.CLOSING, Ending.BY_SERVER);
            context.flush();
            awaitEnd(reason == CloseCode.GOING_AWAY ? DRAIN_CLOSE_MILLIS : Long.MAX_VALUE);
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
        if (!context.channel().isWritable()) {
            keepStalled();
        } else if (isPaused) {
            quietRounds = 0;
        } else if (quietRounds >= SILENT_ROUNDS) {
            close(CloseCode.SILENT);
        } else {
            quietRounds++;
            writeAndFlush(Frames.ping(allocator()));
        }
    }

    /**
     * Checks a client that does not read. Its input is paused, so its silence proves nothing. It is stuck if no bytes
     * leave the channel.
     */
    private void keepStalled() {
        long now = context.channel().bytesBeforeWritable();
        if (now != unwritten) {
            unwritten = now;
            quietRounds = 0;
        } else if (++quietRounds * config.keepAlive().toMillis()
                >= config.stuckAfter().toMillis()) {
            close(CloseCode.SLOW);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        held = Holding.ofInput(ctx.channel(), this);
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
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        quietRounds = 0;
        if (held.isExhausted()) {
            ReferenceCountUtil.release(input);
            ctx.close();
            return;
        }
        super.channelRead(ctx, input);
        held.update();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (state == State.ENDED) {
            in.skipBytes(in.readableBytes());
        } else if (!isPaused) {
            super.decode(ctx, in, out);
            // Each frame is handled at once, before further input is decoded, because a message may pause the following
            // input.
            takeAll(out);
        }
    }

    /**
     * Handles all frames. Empties {@code frames} even if this fails, because the superclass would pass on frames that
     * are already released.
     */
    private void takeAll(List<Object> frames) {
        int taken = 0;
        try {
            while (taken < frames.size()) {
                take((WebSocketFrame) frames.get(taken++));
            }
        } finally {
            while (taken < frames.size()) {
                ReferenceCountUtil.release(frames.get(taken++));
            }
            frames.clear();
        }
    }

    /**
     * Replaces the method of Netty's decoder, which would read more whenever nothing was decoded. While paused, nothing
     * is decoded on purpose.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        discardSomeReadBytes();
        if (isPaused && ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
        }
        flush();
        held.update();
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
        held.clear();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        leaveOpen(State.ENDED, Ending.DROPPED);
        held.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            fail(reason(corrupted.closeStatus()));
        } else if (cause instanceof IOException) {
            LOG.debug("Connection lost", cause);
            ctx.close();
        } else {
            Faults.log(Socket.class, "Connection closed after a failure", cause);
            fail(CloseCode.INTERNAL);
        }
    }

    /**
     * Sends a close frame, if none was sent, and ignores all further input, which cannot be understood or must not be
     * processed.
     */
    void fail(CloseCode reason) {
        if (state == State.OPEN) {
            end(Frames.close(allocator(), reason), Ending.BY_SERVER);
        } else if (state == State.CLOSING) {
            end(Unpooled.EMPTY_BUFFER, Ending.BY_SERVER);
        }
    }

    private static CloseCode reason(WebSocketCloseStatus status) {
        return switch (status.code()) {
            case 1007 -> CloseCode.INVALID_UTF8;
            case 1009 -> CloseCode.TOO_BIG;
            default -> CloseCode.PROTOCOL_ERROR;
        };
    }

    /** @param frame is released here */
    private void take(WebSocketFrame frame) {
        try {
            if (frame instanceof CloseWebSocketFrame close) {
                takeClose(close);
            } else if (state == State.OPEN) {
                CloseCode failure = takeOpen(frame);
                if (failure != null) {
                    fail(failure);
                }
            }
        } finally {
            frame.release();
        }
    }

    private @Nullable CloseCode takeOpen(WebSocketFrame frame) {
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

    private void takeClose(CloseWebSocketFrame frame) {
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

    /**
     * Pauses or resumes input. Input is paused on hold, and also while the client does not read, because replies to it
     * would pile up.
     */
    private void settle() {
        boolean pause = isHeld || !context.channel().isWritable();
        if (isPaused != pause && state == State.OPEN) {
            isPaused = pause;
            context.channel().config().setAutoRead(!pause);
            if (!pause) {
                proceed();
            }
        }
    }

    /** Decodes the input that was left undecoded while paused. */
    private void proceed() {
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
            channelReadComplete(context);
        } catch (Exception e) {
            exceptionCaught(context, e);
        }
    }

    /**
     * Sends the last bytes, then shuts the output down. The channel is closed only after the client has closed it, or
     * after a timeout: if it were closed with unread input, TCP would discard the bytes that were just sent.
     */
    private void end(ByteBuf last, Ending ending) {
        boolean isAwaited = deadline != null;
        leaveOpen(State.ENDED, ending);
        context.writeAndFlush(last).addListener(sent -> {
            if (context.channel() instanceof DuplexChannel duplex && sent.isSuccess()) {
                duplex.shutdownOutput();
            } else {
                context.close();
            }
        });
        if (!isAwaited) {
            awaitEnd(Long.MAX_VALUE);
        }
    }

    private void awaitEnd(long maxMillis) {
        deadline = TimerWheel.of(context.channel().eventLoop())
                .in(Math.min(config.closeTimeout().toMillis(), maxMillis), context::close);
    }

    private void leaveOpen(State next, Ending ending) {
        boolean wasOpen = state == State.OPEN;
        state = next;
        if (isPaused) {
            isPaused = false;
            context.channel().config().setAutoRead(true);
        }
        intake.release();
        if (wasOpen) {
            listener.closed(ending);
        }
    }
}
