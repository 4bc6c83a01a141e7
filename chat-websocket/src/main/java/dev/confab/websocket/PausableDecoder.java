package dev.confab.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * Netty's frame decoder, with input that can be paused in the middle of the received bytes. Each frame is handled at
 * once, before further input is decoded, because a frame may pause the input that follows. Confined to the event loop.
 */
abstract class PausableDecoder extends WebSocket13FrameDecoder {
    private enum Input {
        DECODED,
        /** The channel is not read, and received bytes wait. */
        PAUSED,
        DISCARDED
    }

    @SuppressWarnings("NullAway.Init") // Netty calls handlerAdded before all other methods
    private ChannelHandlerContext context;

    private Input input = Input.DECODED;

    PausableDecoder(WebSocketDecoderConfig config) {
        super(config);
    }

    /** @param frame must be released here */
    abstract void handle(WebSocketFrame frame);

    final ChannelHandlerContext context() {
        return context;
    }

    final boolean isPaused() {
        return input == Input.PAUSED;
    }

    /** Pauses the input, unless it is discarded. */
    final void pause() {
        if (input == Input.DECODED) {
            input = Input.PAUSED;
            context.channel().config().setAutoRead(false);
        }
    }

    /** Ends the pause, if there is one. To decode the bytes that have waited, call {@link #proceed} afterwards. */
    final void resume() {
        if (input == Input.PAUSED) {
            input = Input.DECODED;
            context.channel().config().setAutoRead(true);
        }
    }

    /** Discards all input that is not decoded yet, and all further input. */
    final void discard() {
        resume();
        input = Input.DISCARDED;
    }

    /** Processes the bytes that have waited, without new input. */
    final void proceed() {
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
            channelReadComplete(context);
        } catch (Exception e) {
            exceptionCaught(context, e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (input == Input.DISCARDED) {
            in.skipBytes(in.readableBytes());
        } else if (input == Input.DECODED) {
            super.decode(ctx, in, out);
            handleAll(out);
        }
    }

    /**
     * Handles all frames. Empties {@code frames} even if this fails, because the superclass would pass on frames that
     * are already released.
     */
    private void handleAll(List<Object> frames) {
        int handled = 0;
        try {
            while (handled < frames.size()) {
                handle((WebSocketFrame) frames.get(handled++));
            }
        } finally {
            while (handled < frames.size()) {
                ReferenceCountUtil.release(frames.get(handled++));
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
        // The handshake makes the channel read again after a frame behind the request has paused the input.
        if (isPaused() && ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public abstract void exceptionCaught(ChannelHandlerContext ctx, Throwable cause);
}
