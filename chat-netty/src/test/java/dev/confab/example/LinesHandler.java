package dev.confab.example;

import dev.confab.core.*;
import dev.confab.core.Presence.Attendance;
import dev.confab.netty.*;
import io.netty.buffer.*;
import io.netty.channel.*;
import io.netty.handler.codec.http.*;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Handles {@code GET /lines?room&after&last&nick}: newline-delimited JSON as an endless response. This example uses
 * only the public API.
 *
 * <p>The first line is a gap, or {@code hello} if there is no gap. Both contain the cursor at which reading starts. The
 * entries after this cursor follow, each on its own line. Clients ignore empty lines, which show that the stream is
 * alive. When the server shuts down, the body ends. Safe for any thread, except for {@link #handle}.
 */
final class LinesHandler implements Endpoint {
    /** The space for the frame of a chunk: its length in hexadecimal and two line ends. */
    private static final int FRAME = 8 + 2 + 2;

    private final ChatService chat;
    private final FanOut<LinesReader> fanOut;
    private final DrainCounter streams = new DrainCounter();

    /** @param keepAlive the interval at which every stream gets an empty line */
    LinesHandler(ChatService chat, Duration keepAlive) {
        this.chat = chat;
        FanOutConfig config = FanOutConfig.defaults().withKeepAlive(keepAlive);
        this.fanOut = new FanOut<>(chat, LinesHandler::encode, config);
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/lines";
    }

    @Override
    public void handle(Exchange exchange) {
        if (!exchange.isHttp11()) { // HTTP/1.0 has no chunks
            exchange.answer(Response.of(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED));
            return;
        }
        ReadRequest request = ReadRequest.of(exchange.query(), Start.LATEST);
        exchange.then(chat.locate(request.rooms(), request.start()), position -> open(exchange, request, position));
    }

    private void open(Exchange exchange, ReadRequest request, Position position) {
        if (streams.isDraining()) {
            throw new ChatException(Reason.DRAINING, "The server is shutting down: try again over a new connection");
        }
        Stream stream = new Stream(request);
        Gap gap = position.gap();
        IdFormat ids = request.view().ids();
        byte[] first = gap == null ? Hello.at(position.cursor(), ids).json() : gap.json(ids);
        ByteBuf body = chunk(List.of(first), exchange.channel().alloc());
        Response head = Response.of(HttpResponseStatus.OK, "application/x-ndjson", body)
                .with(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .with(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (exchange.takeOver(head, stream) == null) {
            // The client is gone, and the stream, which would notice this, was not added to the pipeline.
            stream.dropOut();
            return;
        }
        fanOut.join(stream.reader, request.view(), position.cursor());
        if (streams.isDraining()) {
            // The drain may have listed the readers just before this reader joined.
            stream.reader.end();
        }
    }

    @Override
    public CompletionStage<Void> drain(Duration time) {
        streams.drain();
        fanOut.drain(LinesReader::end, time);
        return streams.drained();
    }

    private static ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        return chunk(batch.entries().stream().map(Entry::json).toList(), allocator);
    }

    /**
     * Encodes lines as one chunk (RFC 9112, section 7.1). JSON text contains no line end, because all control
     * characters are escaped.
     */
    private static ByteBuf chunk(List<byte[]> lines, ByteBufAllocator allocator) {
        int length = lines.stream().mapToInt(line -> line.length + 1).sum();
        ByteBuf out = allocator.directBuffer(length + FRAME);
        ByteBufUtil.writeAscii(out, Integer.toHexString(length) + "\r\n");
        lines.forEach(line -> out.writeBytes(line).writeByte('\n'));
        ByteBufUtil.writeAscii(out, "\r\n");
        return out;
    }

    /** The connection of one client, as the fan-out sees it. Confined to the channel's event loop. */
    private static final class LinesReader extends Reader {
        private final ChannelHandlerContext context;
        private final IdFormat ids;

        LinesReader(ChannelHandlerContext context, ReadRequest request) {
            super(context.channel(), request.nick());
            this.context = context;
            this.ids = request.view().ids();
        }

        @Override
        protected void write(ByteBuf encoded, Batch batch) {
            context.writeAndFlush(encoded);
        }

        @Override
        protected ChannelHandler writer() {
            return context.handler();
        }

        @Override
        protected void gap(Gap gap) {
            context.writeAndFlush(chunk(List.of(gap.json(ids)), context.alloc()));
        }

        @Override
        protected void keepAlive() {
            // Another byte for a client that accepts no data would look as if the client had accepted data.
            if (channel().isWritable()) {
                context.writeAndFlush(chunk(List.of(new byte[0]), context.alloc()));
            }
        }

        /** Ends the body, which shows the client that no line was cut off, and closes the connection. */
        void end() {
            leave();
            ByteBuf lastChunk = ByteBufUtil.writeAscii(context.alloc(), "0\r\n\r\n");
            context.writeAndFlush(lastChunk).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The only handler of a connection after its head was sent. Passes the events of the channel to the reader. */
    private final class Stream extends ChannelInboundHandlerAdapter {
        private final ReadRequest request;
        private final Attendance attendance;
        private LinesReader reader;

        Stream(ReadRequest request) {
            this.request = request;
            this.attendance = request.attend(chat);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            reader = new LinesReader(context, request);
            streams.opened();
        }

        /** Called also when the channel is closed, no matter which side closed it. */
        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            reader.leave();
            dropOut();
            streams.closed();
        }

        /** Discards data that the client sends after its request. */
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            reader.writabilityChanged();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                Faults.log(LinesHandler.class, "Stream closed after a failure", cause);
            }
            context.close();
        }

        /** Ends the attendance. The participant leaves after the grace time, because the client may connect again. */
        void dropOut() {
            if (attendance != null) {
                attendance.drop();
            }
        }
    }
}
