package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import dev.confab.netty.WsClient;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A reader that requests all messages and reads none of the bytes. After a while it disconnects and connects again. */
final class SilentReader {
    /** Longer than the 75 s after which a server closes the connection of such a reader. */
    private static final long SECONDS_BETWEEN = 100;

    /** The number of polls that are sent at once, without waiting for responses. */
    private static final int POLLS = 100;

    private final Loops loops;
    private final EventLoop loop;
    private final Address server;
    private final String request;
    private CompletableFuture<Channel> connection = new CompletableFuture<>();

    SilentReader(Loops loops, EventLoop loop, Address server, Transport transport, String query) {
        this.loops = loops;
        this.loop = loop;
        this.server = server;
        String path = switch (transport) {
            case WEBSOCKET -> "/ws?";
            case SSE -> "/events?";
            case LONGPOLL, SHORTPOLL -> "/messages?limit=1000&wait=0&";
        };
        String upgrade = transport == Transport.WEBSOCKET ? WsClient.UPGRADE : "";
        String once = "GET " + server.prefix() + path + query + "&after=earliest HTTP/1.1\r\nHost: "
                + server.authority() + "\r\n" + upgrade + "\r\n";
        request = transport == Transport.LONGPOLL ? once.repeat(POLLS) : once;
    }

    void start() {
        loop.execute(this::connect);
    }

    private void connect() {
        connection = loops.connect(loop, server, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                context.channel().config().setAutoRead(false);
                context.channel().config().setOption(ChannelOption.SO_RCVBUF, 4_096);
                context.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        });
        loop.schedule(this::again, SECONDS_BETWEEN, TimeUnit.SECONDS);
    }

    private void again() {
        connection.whenComplete((channel, failure) -> {
            if (channel != null) {
                channel.close();
            }
            connect();
        });
    }
}
