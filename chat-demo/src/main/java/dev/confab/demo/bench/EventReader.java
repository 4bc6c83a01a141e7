package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A reader of Server-Sent Events. For one event loop. */
final class EventReader extends ResponseReader {
    /** The event that announces where the stream starts; other servers announce it by a block with only an id. */
    private static final Pattern START = Pattern.compile("(?:^|\n)(?:event: ?hello\r?\n|id: ?[0-9A-Z]{26}\r?\n\r?\n)");

    private final Inbox inbox;
    private final byte[] request;
    private final StringBuilder opening = new StringBuilder();

    /**
     * @param headers the headers of the request, each with its line break
     * @param query the room, and the position to start from if it is not the present
     */
    EventReader(Inbox inbox, Address server, String headers, String query) {
        this.inbox = inbox;
        this.request = ("GET " + server.prefix() + "/events?room=" + query + " HTTP/1.1\r\n" + headers + "\r\n")
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
    void head(ChannelHandlerContext context) {
        if (status() != 200) {
            throw new BenchException("answered " + status());
        }
    }

    @Override
    void body(ByteBuf in, int length) {
        if (!inbox.ready().isDone()) {
            opening.append(in.toString(in.readerIndex(), length, StandardCharsets.US_ASCII));
            if (START.matcher(opening).find()) {
                inbox.ready().complete(null);
            }
        }
        inbox.takePart(in, length);
    }

    @Override
    void end(ChannelHandlerContext context) {
        inbox.lose("the stream ended");
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
