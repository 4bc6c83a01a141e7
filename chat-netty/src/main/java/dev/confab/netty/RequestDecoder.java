package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
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
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes one request, then waits for {@link #next}, which is called after the response. Input that a client sends
 * ahead is kept as undecoded bytes, for three reasons: undecoded bytes need the least memory, their number is easily
 * bounded, and after an upgrade they belong to another protocol.
 *
 * <p>Also rejects requests that Netty's decoder accepts although later handlers can no longer see the fault: folded
 * header lines, and control or 8-bit characters in the request line.
 *
 * <p>Parts of a head that are known are not decoded again. Either the superclass decodes a head as a whole, or, if only
 * the header lines are known, the request line alone, or nothing.
 */
final class RequestDecoder extends HttpRequestDecoder {
    private final int maxPending;
    private final Routes routes;
    private final RepeatedHeaders repeated;

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init")
    private Holding held;

    private boolean isPaused;
    private boolean isDiscarding;
    private boolean isReading;
    private boolean isInBody;
    private boolean isPastFirstLine;

    /** Whether the superclass has not yet received any bytes of the next request. */
    private boolean isAtStart = true;

    /** @param routes the routes that handle the requests */
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
        this.repeated = new RepeatedHeaders(routes);
        this.maxPending = config.maxPipelined();
    }

    /**
     * Continues with the next request after a response. If that request has already arrived, it is decoded before this
     * method returns.
     */
    void next() {
        isPaused = false;
        proceed(context);
    }

    /** @param holding the part of the input budget that counts this decoder's input */
    void holdBy(Holding holding) {
        held = holding;
    }

    /** Discards all input from now on. */
    void discard() {
        isDiscarding = true;
        context.channel().config().setAutoRead(true);
        readOn(context);
    }

    /** Returns the size of the buffer in which input waits, in bytes. */
    long held() {
        return internalBuffer().capacity();
    }

    /** Returns whether a part of a request's head has arrived. */
    boolean isMidHead() {
        return !isPaused && !isDiscarding && !isInBody && (isPastFirstLine || actualReadableBytes() > 0);
    }

    /** Returns whether the decoder is passing on input at the moment, and will continue without a further call. */
    boolean isReading() {
        return isReading;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        repeated.forget();
        super.handlerRemoved0(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        if (held.isExhausted(((ByteBuf) input).readableBytes())) {
            ReferenceCountUtil.release(input);
            CloseCause.OVERLOADED.markOn(ctx.channel());
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
            // The superclass would read more, because nothing was decoded.
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
        if (wasAtStart && decodeKnown(ctx, in, out)) {
            isPaused = true;
            return;
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
                out.set(before, repeated.choose(in, start, request, 0));
            } else if (out.size() == before + 1 && isBodyCounted(request)) {
                out.set(before, repeated.choose(in, start, request, HttpUtil.getContentLength(request, 0)));
            }
        }
    }

    /**
     * Decodes a request whose header lines are known and whose body is complete. Unknown bytes are only searched for
     * the first line feed, and compared with known bytes.
     *
     * @return false if the request must be decoded as a whole; nothing was read then
     */
    private boolean decodeKnown(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int start = in.readerIndex();
        int limit = Math.min(in.writerIndex(), start + RequestCache.MAX_LINE);
        int headersStart = in.indexOf(start, limit, (byte) '\n') + 1;
        if (headersStart <= start) {
            return false;
        }
        KnownLine line = RequestCache.current().line(routes, in, start, headersStart);
        KnownHeaders headers = repeated.find(in, headersStart, line);
        if (headers == null) {
            return false;
        }
        if (line == null) {
            return decodeLine(ctx, in, headersStart, headers, out);
        }
        in.readerIndex(headersStart + headers.length());
        out.add(new KnownRequest(line, headers, readBody(in, headers)));
        repeated.keep(headers);
        return true;
    }

    /**
     * Decodes a request line, as the line of a request without headers, and adds the known header lines behind it. The
     * request passes through all checks.
     *
     * @return false if the request must be decoded as a whole; nothing was read then
     */
    private boolean decodeLine(
            ChannelHandlerContext ctx, ByteBuf in, int lineEnd, KnownHeaders headers, List<Object> out)
            throws Exception {
        int start = in.readerIndex();
        // The superclass skips line breaks before a line, and would then wait for the line.
        if (in.getByte(start) <= ' ' || !isPrintable(in, start, lineEnd - 1)) {
            return false;
        }
        byte[] bytes = new byte[lineEnd - start + 2];
        in.getBytes(start, bytes, 0, lineEnd - start);
        bytes[bytes.length - 2] = '\r';
        bytes[bytes.length - 1] = '\n';
        List<Object> decoded = new ArrayList<>(2);
        super.decode(ctx, Unpooled.wrappedBuffer(bytes), decoded);
        isPastFirstLine = false;
        HttpRequest request = (HttpRequest) decoded.get(0);
        if (request.decoderResult().isFailure()) {
            in.skipBytes(in.readableBytes());
            out.add(request);
            return true;
        }
        if (!headers.fit(new RequestLine(request))) {
            return false;
        }
        out.add(repeated.withLine(in, start, lineEnd, request, headers));
        in.readerIndex(lineEnd + headers.length());
        ByteBuf body = readBody(in, headers);
        out.add(body.isReadable() ? new DefaultLastHttpContent(body) : LastHttpContent.EMPTY_LAST_CONTENT);
        return true;
    }

    private static ByteBuf readBody(ByteBuf in, KnownHeaders headers) {
        int length = headers.bodyLength();
        return length == 0 ? Unpooled.EMPTY_BUFFER : in.readRetainedSlice(length);
    }

    /** Returns whether the body has not arrived yet and its length is known. */
    private static boolean isBodyCounted(HttpRequest request) {
        return !(request instanceof LastHttpContent)
                && request.decoderResult().isSuccess()
                && request.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) throws Exception {
        // The superclass would also accept lower case.
        if (!initialLine[2].startsWith("HTTP/")) {
            throw new DecoderException("version");
        }
        isPastFirstLine = true;
        return Http10Request.of(super.createMessage(initialLine));
    }

    private boolean mayDecode(ChannelHandlerContext ctx) {
        // While a client does not take its responses, no further requests are decoded.
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

    /** Checks the complete lines, and the first byte of the incomplete line. */
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
