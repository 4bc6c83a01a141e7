package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A reader that polls over one persistent connection. A long poll is repeated as soon as its response is complete, a
 * short poll once a second. For one event loop.
 */
final class PollReader extends ResponseReader {
    /** The seconds for which the server may hold a long poll. */
    private static final int WAIT = 50;

    private static final long SHORT_POLL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Inbox inbox;
    private final String from;
    private final boolean isLong;
    private final byte[] prefix;
    private final byte[] suffix;
    /** The offset of this reader's short polls, in nanoseconds, so that the readers spread over the second. */
    private final long phase;

    private long nextAt;

    /**
     * @param headers the headers of all requests, each with its line break
     * @param from the first cursor
     * @param phase for a short poll, the fraction of the second at which the reader polls, between 0 and 1
     */
    PollReader(Inbox inbox, Address server, String headers, String room, String from, boolean isLong, double phase) {
        this.inbox = inbox;
        this.from = from;
        this.isLong = isLong;
        this.phase = (long) (phase * SHORT_POLL_NANOS);
        this.prefix = ascii("GET " + server.prefix() + "/messages?room=" + room);
        this.suffix = ascii(" HTTP/1.1\r\n" + headers + "\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ask(context, from, 0);
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
        inbox.takePart(in, length);
    }

    @Override
    void end(ChannelHandlerContext context) {
        inbox.endPart();
        if (cursor() == null) {
            throw new BenchException("a response without Chat-Cursor");
        }
        if (!inbox.ready().isDone()) {
            inbox.ready().complete(null);
            nextAt = System.nanoTime() + phase - SHORT_POLL_NANOS;
        }
        if (isLong) {
            again(context);
            return;
        }
        nextAt += SHORT_POLL_NANOS;
        long delay = nextAt - System.nanoTime();
        if (delay <= 0) {
            again(context);
        } else {
            context.executor().schedule(() -> again(context), delay, TimeUnit.NANOSECONDS);
        }
    }

    private void again(ChannelHandlerContext context) {
        ask(context, String.valueOf(cursor()), isLong ? WAIT : 0);
    }

    private void ask(ChannelHandlerContext context, String after, int wait) {
        ByteBuf request = context.alloc().buffer(prefix.length + suffix.length + 64);
        request.writeBytes(prefix);
        request.writeCharSequence("&wait=" + wait + "&after=" + after, StandardCharsets.US_ASCII);
        request.writeBytes(suffix);
        inbox.sent(request.readableBytes());
        context.writeAndFlush(request, context.voidPromise());
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
