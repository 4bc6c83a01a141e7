package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.core.Batch;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gap;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SocketOutputTest {
    private static final int NUMBERS = 1 << 12;

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

    @SuppressWarnings("NullAway.Init")
    private MultiThreadIoEventLoopGroup group;

    @SuppressWarnings("NullAway.Init")
    private RawHttp client;

    @SuppressWarnings("NullAway.Init")
    private Channel channel;

    @SuppressWarnings("NullAway.Init")
    private Channel server;

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(Epoll.isAvailable(), "There is no epoll here");
        group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.SO_SNDBUF, 4_096)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }

                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        accepted.add(ctx.channel());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        connectClient();
    }

    private void connectClient() throws Exception {
        client = RawHttp.slow(((InetSocketAddress) server.localAddress()).getPort(), RawHttp.PATIENCE);
        channel = Objects.requireNonNull(accepted.poll(20, TimeUnit.SECONDS));
    }

    @AfterEach
    void end() {
        if (group != null) {
            client.close();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /**
     * Each chunk consists of one repeated number. The bytes that the socket takes are sent at once. The rest, and all
     * later chunks, go through the pipeline.
     */
    @Test
    void bytesThatTheSocketDoesNotTakeKeepTheirPlace() throws Exception {
        int parts = onLoop(() -> {
            SocketOutput output = Objects.requireNonNull(
                    SocketOutput.of(channel, channel.pipeline().first()));
            int full = 0;
            for (int number = 0; number < NUMBERS; number++) {
                ByteBuf chunk = chunk(number);
                int sent = output.write(chunk);
                full += sent == chunk.readableBytes() ? 1 : 0;
                if (sent < chunk.readableBytes()) {
                    channel.writeAndFlush(chunk.retainedSlice(sent, chunk.readableBytes() - sent));
                }
                chunk.release();
            }
            return full;
        });

        assertThat(parts).as("sent at once").isBetween(1, NUMBERS - 1);
        byte[] received = client.readBytes(NUMBERS * Integer.BYTES * 64);
        ByteBuf all = Unpooled.wrappedBuffer(received);
        for (int number = 0; number < NUMBERS; number++) {
            for (int i = 0; i < 64; i++) {
                assertThat(all.readInt()).isEqualTo(number);
            }
        }
    }

    @Test
    void nothingOvertakesBytesThatAreNotYetFlushed() throws Exception {
        int sent = onLoop(() -> {
            SocketOutput output = Objects.requireNonNull(
                    SocketOutput.of(channel, channel.pipeline().first()));
            channel.write(chunk(1));
            ByteBuf next = chunk(2);
            int taken = output.write(next);
            next.release();
            channel.flush();
            return taken;
        });
        assertThat(sent).isZero();
    }

    @Test
    void thereIsNoSocketOutputBehindAnotherHandler() throws Exception {
        onLoop(() -> {
            var writer = channel.pipeline().first();
            channel.pipeline().addFirst(new ChannelInboundHandlerAdapter());
            assertThat(SocketOutput.of(channel, writer)).isNull();
            return null;
        });
    }

    @Test
    void aClosedSocketTakesNothing() throws Exception {
        onLoop(() -> {
            SocketOutput output = Objects.requireNonNull(
                    SocketOutput.of(channel, channel.pipeline().first()));
            channel.close();
            ByteBuf chunk = chunk(1);
            assertThat(output.write(chunk)).isZero();
            chunk.release();
            assertThat(SocketOutput.of(channel, channel.pipeline().first())).isNull();
            return null;
        });
    }

    /** The readers that would get the batch are closed. Later readers are served. */
    @Test
    void anEncodingFailureDoesNotEndTheGroup() throws Exception {
        Encoder picky = (batch, allocator) -> {
            if (batch.entries().get(0).message().body().equals("bad")) {
                throw new IllegalStateException("scripted");
            }
            return RecordingReader.LINES.encode(batch, PooledByteBufAllocator.DEFAULT);
        };
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            FanOut<Reader> fanOut = new FanOut<>(chat, picky, FanOutConfig.defaults());
            join(fanOut, chat);
            chat.publish(Draft.of(Room.LOBBY, "good")).join();
            assertThat(client.readBytes(5)).asString(StandardCharsets.UTF_8).isEqualTo("good\n");
            chat.publish(Draft.of(Room.LOBBY, "bad")).join();
            assertThat(client.readByteOrEnd()).isEqualTo(-1);

            client.close();
            connectClient();
            join(fanOut, chat);
            chat.publish(Draft.of(Room.LOBBY, "fine")).join();
            assertThat(client.readBytes(5)).asString(StandardCharsets.UTF_8).isEqualTo("fine\n");
            onLoop(() -> {
                channel.close();
                return null;
            });
        }
    }

    private void join(FanOut<Reader> fanOut, ChatService chat) throws Exception {
        onLoop(() -> {
            fanOut.join(new PlainReader(channel), RoomSet.of(Room.LOBBY), chat.head());
            return null;
        });
    }

    /** A reader that adds nothing to the encoded bytes. */
    private static final class PlainReader extends Reader {
        PlainReader(Channel channel) {
            super(channel, null);
            channel.closeFuture().addListener(closed -> leave());
        }

        @Override
        protected ChannelHandler writer() {
            return channel().pipeline().first();
        }

        @Override
        protected void write(ByteBuf encoded, Batch batch) {
            channel().writeAndFlush(encoded);
        }

        @Override
        protected void gap(Gap gap) {
            throw new AssertionError("nothing is trimmed");
        }
    }

    private <T> T onLoop(Callable<T> action) throws Exception {
        return channel.eventLoop().submit(action).get(20, TimeUnit.SECONDS);
    }

    private ByteBuf chunk(int number) {
        ByteBuf chunk = channel.alloc().directBuffer(Integer.BYTES * 64);
        for (int i = 0; i < 64; i++) {
            chunk.writeInt(number);
        }
        return chunk;
    }
}
