package dev.confab.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the platform costs without the chat: Netty on one event loop that accepts, encodes a message once, and writes it to every
 * reader, each message alone. No log, no store, no bounds, nothing is checked and nobody is ever cut off. It has the command line, the
 * paths and the bytes of the demo jar, so what measures that one measures this one. For trusted clients on the loopback only.
 *
 * <p>System properties: {@code io} is {@code epoll}, {@code nio}, {@code io_uring} or {@code auto} (the default); {@code write} is {@code netty} (the default), which is
 * {@code writeAndFlush}, or {@code direct}, which is the server's own way past pipeline and outbound buffer ({@link SocketOutput}).
 */
public final class BareNetty {
    private static final String BODY = "{\"body\":\"";
    private static final String END_OF_BODY = "\"}";
    private static final Pattern AFTER = Pattern.compile("[?&]after=(\\d+)");
    private static final String HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** Messages that a poll which comes late may still get. */
    private static final int KEPT = 1_024;

    private final boolean isDirect = System.getProperty("write", "netty").equals("direct");
    private final List<Connection> sockets = new ArrayList<>();
    private final List<Connection> streams = new ArrayList<>();
    private List<Connection> polls = new ArrayList<>();

    /** The one with number n is in place n % KEPT; they are counted from 1. */
    private final String[] messages = new String[KEPT];

    /** What polls after a number get, while no other message comes. */
    private final Map<Long, ByteBuf> answers = new HashMap<>();

    private long last;

    private BareNetty() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[Arrays.asList(args).indexOf("--port") + 1]);
        Sockets io =
                Sockets.of(IoTransport.valueOf(System.getProperty("io", "auto").toUpperCase(Locale.ROOT)));
        BareNetty server = new BareNetty();
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, io.handlers()))
                .channel(io.listener())
                .option(ChannelOption.SO_BACKLOG, 4096)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpRequestDecoder(), server.new Connection());
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
        System.out.println("Listening on http://127.0.0.1:" + port);
    }

    private void publish(String body) {
        last++;
        String message = "{\"type\":\"message\",\"id\":\"%026d\",\"room\":\"bench\",\"body\":\"".formatted(last) + body
                + "\",\"created_at\":\"2026-11-21T19:30:00.123Z\"}";
        messages[(int) (last % KEPT)] = message;
        answers.values().forEach(ByteBuf::release);
        answers.clear();
        share(frame(message), sockets);
        share(direct("id: %026d\ndata: ".formatted(last) + message + "\n\n"), streams);
        // Who waits has all but this one.
        List<Connection> waiting = polls;
        polls = new ArrayList<>();
        ByteBuf answer = answer(last - 1);
        waiting.forEach(connection -> connection.send(answer));
    }

    private static void share(ByteBuf bytes, List<Connection> readers) {
        for (Connection reader : readers) {
            reader.send(bytes);
        }
        bytes.release();
    }

    private ByteBuf answer(long after) {
        return answers.computeIfAbsent(after, key -> {
            StringBuilder array = new StringBuilder("[");
            for (long n = Math.max(key, last - KEPT) + 1; n <= last; n++) {
                array.append(array.length() > 1 ? "," : "").append(messages[(int) (n % KEPT)]);
            }
            return direct(response("200 OK", array.append(']').toString()));
        });
    }

    private static String response(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static ByteBuf direct(String ascii) {
        return ByteBufUtil.writeAscii(PooledByteBufAllocator.DEFAULT, ascii);
    }

    private static ByteBuf frame(String ascii) {
        ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(ascii.length() + 4);
        frame.writeByte(0x81);
        if (ascii.length() < 126) {
            frame.writeByte(ascii.length());
        } else {
            frame.writeByte(126).writeShort(ascii.length());
        }
        frame.writeCharSequence(ascii, StandardCharsets.US_ASCII);
        return frame;
    }

    /** One connection: what it asks over HTTP, and then what it reads. */
    private final class Connection extends ChannelInboundHandlerAdapter {
        private final ByteBuf body = Unpooled.buffer(0);
        private ChannelHandlerContext context;
        private HttpRequest request;
        private @Nullable SocketOutput output;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            context = ctx;
            findOutput();
        }

        private void findOutput() {
            output = isDirect
                    ? SocketOutput.of(
                            context.channel(),
                            context.channel().pipeline().firstContext().handler())
                    : null;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws NoSuchAlgorithmException {
            if (message instanceof HttpRequest head) {
                request = head;
            }
            if (message instanceof HttpContent part) {
                body.writeBytes(part.content());
                part.release();
                if (part instanceof LastHttpContent) {
                    handle();
                    body.clear();
                }
            } else if (message instanceof ByteBuf bytes) {
                // Readers have nothing to say.
                bytes.release();
            }
        }

        private void handle() throws NoSuchAlgorithmException {
            String uri = request.uri();
            if (request.method().equals(HttpMethod.POST)) {
                take(body.toString(StandardCharsets.US_ASCII));
            } else if (uri.startsWith("/ws")) {
                byte[] key = (request.headers().get("Sec-WebSocket-Key") + HANDSHAKE_GUID)
                        .getBytes(StandardCharsets.US_ASCII);
                String accept = Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-1").digest(key));
                follow(
                        sockets,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n");
            } else if (uri.startsWith("/events")) {
                follow(
                        streams,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n: hello\n\n");
            } else {
                poll(AFTER.matcher(uri));
            }
        }

        private void take(String json) {
            boolean isMessage = json.startsWith(BODY) && json.endsWith(END_OF_BODY);
            if (isMessage) {
                publish(json.substring(BODY.length(), json.length() - END_OF_BODY.length()));
            }
            say(response(isMessage ? "201 Created" : "400 Bad Request", "{}"));
        }

        private void follow(List<Connection> readers, String head) {
            say(head);
            context.pipeline().remove(HttpRequestDecoder.class);
            findOutput();
            readers.add(this);
        }

        private void poll(Matcher after) {
            long cursor = after.find() ? Long.parseLong(after.group(1)) : last;
            if (cursor < last) {
                send(answer(cursor));
            } else {
                polls.add(this);
            }
        }

        private void say(String ascii) {
            context.writeAndFlush(direct(ascii), context.voidPromise());
        }

        /** @param bytes that stay the caller's */
        void send(ByteBuf bytes) {
            int sent = output == null ? 0 : output.write(bytes);
            int rest = bytes.readableBytes() - sent;
            if (rest > 0) {
                context.writeAndFlush(bytes.retainedSlice(bytes.readerIndex() + sent, rest), context.voidPromise());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            sockets.remove(this);
            streams.remove(this);
            polls.remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
