package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A reader over WebSocket. It reads only unfragmented messages, as the server sends no others. For one event loop. */
final class WebSocketReader extends ByteToMessageDecoder {
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    /** The first byte of a final pong frame. The mask is all zeros, so the payload is unchanged. */
    private static final int PONG_HEAD = 0x8a;

    private static final int MASKED = 0x80;
    private static final ByteBuf END_OF_HEAD = Unpooled.unreleasableBuffer(
            Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII).asReadOnly());

    private final Inbox inbox;
    private final byte[] request;
    private boolean isOpen;
    private boolean hasHello;

    /**
     * @param headers the headers of the handshake, each with its line break
     * @param query the room, and the position to start from if it is not the present
     */
    WebSocketReader(Inbox inbox, Address server, String headers, String query) {
        this.inbox = inbox;
        this.request = ("GET " + server.prefix() + "/ws?room=" + query + " HTTP/1.1\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        inbox.sent(request.length);
        context.writeAndFlush(context.alloc().buffer(request.length).writeBytes(request));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        inbox.arrived(((ByteBuf) message).readableBytes());
        super.channelRead(context, message);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (!isOpen && !open(in)) {
            return;
        }
        while (frame(context, in)) {
            // Repeat until the rest is not a complete frame.
        }
    }

    private boolean open(ByteBuf in) {
        int end = ByteBufUtil.indexOf(END_OF_HEAD, in);
        if (end < 0) {
            return false;
        }
        String head = in.toString(in.readerIndex(), end - in.readerIndex(), StandardCharsets.ISO_8859_1);
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new BenchException(
                    "answered " + head.lines().findFirst().orElse("nothing").replaceFirst("HTTP/1.1 ", ""));
        }
        in.readerIndex(end + END_OF_HEAD.readableBytes());
        isOpen = true;
        return true;
    }

    private boolean frame(ChannelHandlerContext context, ByteBuf in) {
        int start = in.readerIndex();
        int available = in.readableBytes();
        if (available < 2) {
            return false;
        }
        int code = in.getByte(start + 1) & 0x7f;
        int head = code < 126 ? 2 : code == 126 ? 4 : 10;
        if (available < head) {
            return false;
        }
        long length = code < 126 ? code : code == 126 ? in.getUnsignedShort(start + 2) : in.getLong(start + 2);
        if (available - head < length) {
            return false;
        }
        int from = start + head;
        int to = from + (int) length;
        switch (in.getByte(start) & 0xf) {
            case TEXT -> text(in, from, to);
            case PING -> pong(context, in, from, to);
            case CLOSE -> inbox.lose("closed with " + (length >= 2 ? in.getUnsignedShort(from) : "no code"));
            default -> {}
        }
        in.readerIndex(to);
        return true;
    }

    private void text(ByteBuf in, int from, int to) {
        if (hasHello) {
            inbox.takeWhole(in, from, to);
        } else {
            hasHello = true;
            inbox.ready().complete(null);
        }
    }

    private void pong(ChannelHandlerContext context, ByteBuf in, int from, int to) {
        ByteBuf pong = context.alloc().buffer();
        pong.writeByte(PONG_HEAD).writeByte(MASKED | (to - from)).writeInt(0).writeBytes(in, from, to - from);
        inbox.sent(pong.readableBytes());
        context.writeAndFlush(pong);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inbox.lose("the connection was closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        inbox.lose(Loops.reason(cause));
        context.close();
    }
}
