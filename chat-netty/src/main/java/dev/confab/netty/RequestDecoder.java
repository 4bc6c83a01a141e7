package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * Decodes one request, then waits until it is told that the answer was given. What a client sends ahead stays as the bytes it
 * sent: nothing is cheaper to keep, they are easily bounded, and after an upgrade they belong to another protocol.
 *
 * <p>Refuses too what Netty's decoder lets pass and nobody behind it can see any more: folded header lines, and control or
 * 8-bit characters in the request line.
 */
final class RequestDecoder extends HttpRequestDecoder {
    private final int maxPending;
    private final Routes routes;

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init")
    private Holding held;

    private boolean isPaused;
    private boolean isDiscarding;
    private boolean isReading;
    private boolean isInBody;
    private boolean isPastFirstLine;

    /** Whether the superclass has seen nothing of the next request. */
    private boolean isAtStart = true;

    /** @param routes what its requests are for */
    RequestDecoder(Routes routes) {
        this(routes, routes.http());
    }

    private RequestDecoder(Routes routes, HttpConfig config) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(config.maxRequestLine())
                .setMaxHeaderSize(config.maxHeaders())
                .setMaxChunkSize(config.maxBody())
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true));
        this.routes = routes;
        this.maxPending = config.maxPipelined();
    }

    /** The answer was given: the next request may come. It is decoded before this returns if it is there. */
    void next() {
        isPaused = false;
        proceed(context);
    }

    /** @param holding what its input belongs to */
    void holdBy(Holding holding) {
        held = holding;
    }

    /** From now on all input is thrown away. */
    void discard() {
        isDiscarding = true;
        context.channel().config().setAutoRead(true);
        readOn(context);
    }

    /** Bytes of the buffer in which input waits. */
    long held() {
        return internalBuffer().capacity();
    }

    /** Whether a part of a request's head is there. */
    boolean isMidHead() {
        return !isPaused && !isDiscarding && !isInBody && (isPastFirstLine || actualReadableBytes() > 0);
    }

    /** Whether it is in the middle of handing on what was read, and will go on by itself. */
    boolean isReading() {
        return isReading;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        if (held.isExhausted()) {
            ReferenceCountUtil.release(input);
            ctx.close();
            return;
        }
        boolean isOutermost = !isReading;
        isReading = true;
        try {
            super.channelRead(ctx, input);
        } finally {
            if (isOutermost) {
                isReading = false;
            }
        }
        if (isOutermost) {
            held.update();
        }
        if (!ctx.isRemoved() && !isDiscarding && actualReadableBytes() > (held.isScarce() ? 0 : maxPending)) {
            ctx.channel().config().setAutoRead(mayDecode(ctx));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().config().isAutoRead()) {
            super.channelReadComplete(ctx);
        } else {
            // The superclass would ask for more, as nothing was decoded.
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        super.channelWritabilityChanged(ctx);
        proceed(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (isDiscarding) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!mayDecode(ctx)) {
            return;
        }
        boolean wasAtStart = isAtStart;
        if (wasAtStart) {
            KnownHead known = RequestCache.current().find(routes, in);
            if (known != null) {
                in.skipBytes(known.bytes.readableBytes());
                out.add(new KnownRequest(
                        known, known.bodyLength == 0 ? Unpooled.EMPTY_BUFFER : in.readRetainedSlice(known.bodyLength)));
                isPaused = true;
                return;
            }
        }
        if (!isInBody && !isHeadFine(in)) {
            in.skipBytes(in.readableBytes());
            isDiscarding = true;
            out.add(refused());
            return;
        }
        int before = out.size();
        int start = in.readerIndex();
        isAtStart = false;
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            Object decoded = out.get(i);
            if (decoded instanceof HttpRequest) {
                isInBody = true;
                isPastFirstLine = false;
            }
            if (decoded instanceof LastHttpContent) {
                isInBody = false;
                isPaused = true;
                isAtStart = true;
            }
        }
        if (wasAtStart && out.size() > before && out.get(before) instanceof HttpRequest request) {
            boolean isWhole = out.size() == before + 2 && out.get(before + 1) == LastHttpContent.EMPTY_LAST_CONTENT;
            if (isWhole) {
                out.set(before, RequestCache.current().offer(routes, in, start, request, 0));
            } else if (out.size() == before + 1 && isBodyCounted(request)) {
                int bodyLength = HttpUtil.getContentLength(request, 0);
                out.set(before, RequestCache.current().offer(routes, in, start, request, bodyLength));
            }
        }
    }

    /** Whether the body is still to come, has a length, and comes without being asked for. */
    private static boolean isBodyCounted(HttpRequest request) {
        return !(request instanceof LastHttpContent)
                && request.decoderResult().isSuccess()
                && request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                && !request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !request.headers().contains(HttpHeaderNames.EXPECT);
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) throws Exception {
        // The superclass would take lower case too.
        if (!initialLine[2].startsWith("HTTP/")) {
            throw new DecoderException("version");
        }
        isPastFirstLine = true;
        return super.createMessage(initialLine);
    }

    private boolean mayDecode(ChannelHandlerContext ctx) {
        // A client that does not take its answers is not asked for more requests.
        return !isPaused && ctx.channel().isWritable();
    }

    private void proceed(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || !mayDecode(ctx)) {
            return;
        }
        ctx.channel().config().setAutoRead(true);
        readOn(ctx);
    }

    private void readOn(ChannelHandlerContext ctx) {
        if (!isReading && actualReadableBytes() > 0) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
            } catch (Exception e) {
                ctx.fireExceptionCaught(e);
            }
            if (!ctx.isRemoved()) {
                ctx.fireChannelReadComplete();
            }
        }
    }

    /** Looks at the lines that are complete, and at the first byte of the one that is not. */
    private boolean isHeadFine(ByteBuf in) {
        int end = in.writerIndex();
        int line = in.readerIndex();
        if (!isPastFirstLine) {
            while (line < end && isLineBreak(in.getByte(line))) {
                line++;
            }
            int lineEnd = in.indexOf(line, end, (byte) '\n');
            if (lineEnd < 0) {
                return true;
            }
            if (!isPrintable(in, line, lineEnd)) {
                return false;
            }
            line = lineEnd + 1;
        }
        while (line < end && !isLineBreak(in.getByte(line))) {
            if (in.getByte(line) == ' ' || in.getByte(line) == '\t') {
                return false;
            }
            int lineEnd = in.indexOf(line, end, (byte) '\n');
            line = lineEnd < 0 ? end : lineEnd + 1;
        }
        return true;
    }

    private static boolean isLineBreak(byte b) {
        return b == '\r' || b == '\n';
    }

    private static boolean isPrintable(ByteBuf in, int from, int lineFeed) {
        int end = lineFeed > from && in.getByte(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
        return in.forEachByte(from, end - from, b -> b >= 0x20 && b < 0x7F) < 0;
    }

    private static HttpRequest refused() {
        HttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, "/bad-request", Unpooled.EMPTY_BUFFER);
        request.setDecoderResult(DecoderResult.failure(new DecoderException("head")));
        return request;
    }
}
