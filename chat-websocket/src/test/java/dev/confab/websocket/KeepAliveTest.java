package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.WsClient;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeepAliveTest {
    private static final WebSocketConfig CONFIG =
            WebSocketConfig.defaults().withKeepAlive(Duration.ofMillis(100)).withCloseTimeout(Duration.ofSeconds(20));

    /** A test runs the rounds of keep-alive itself, so a client may be slow on a busy machine. */
    private static final WebSocketConfig BY_HAND =
            WebSocketConfig.defaults().withKeepAlive(Duration.ofHours(1)).withStuckAfter(Duration.ofHours(1));

    @Test
    void aClientThatAnswersPingsStaysConnected() throws InterruptedException {
        try (WsServer server = new WsServer(BY_HAND);
                WsClient client = server.greeted("")) {
            Reads reads = Reads.of(server);
            for (int i = 0; i < 6; i++) {
                keepAlive(server);
                WsClient.Frame ping = client.frame();
                assertThat(ping.opcode()).isEqualTo(WsClient.PING);
                client.frame(true, WsClient.PONG, ping.payload());
                reads.awaitNext();
            }
        }
    }

    @Test
    void aClientThatIsSilentForTwoPingsIsClosedWith4408() {
        try (WsServer server = new WsServer(CONFIG);
                WsClient client = server.greeted("")) {
            assertThat(client.frame().opcode()).isEqualTo(WsClient.PING);
            assertThat(client.frame().opcode()).isEqualTo(WsClient.PING);
            assertThat(client.closeCode()).isEqualTo(4408);
        }
    }

    @Test
    void aClientThatSendsAnyByteIsNotSilent() throws InterruptedException {
        try (WsServer server = new WsServer(BY_HAND);
                WsClient client = server.greeted("")) {
            Reads reads = Reads.of(server);
            for (int i = 0; i < 6; i++) {
                keepAlive(server);
                assertThat(client.frame().opcode()).isEqualTo(WsClient.PING);
                // Each byte is only a part of a frame.
                client.http().send((byte) (i == 0 ? 0x81 : i == 1 ? 0xFE : 1));
                reads.awaitNext();
            }
        }
    }

    @Test
    void aClientThatDoesNotReadCostsLittleAndIsClosedAsSlow() {
        WebSocketConfig config = CONFIG.withKeepAlive(Duration.ofSeconds(20)).withStuckAfter(Duration.ofMillis(500));
        try (WsServer server = new WsServer(config);
                WsClient client = server.openSlow("?after=earliest")) {
            Channel channel = server.lastChannel();
            AtomicLong most = new AtomicLong();
            for (int i = 0; i < 3_000; i++) {
                server.publish(Room.LOBBY, "x".repeat(1_000 + i));
                most.accumulateAndGet(WsServer.pending(channel), Math::max);
            }
            assertThat(most.get()).isBetween(32L << 10, 128L << 10);

            // The server closes the session while the client does not read. When the client reads at last, it gets the
            // close code.
            server.await("the session is closed", () -> isClosed(server));
            WsClient.Frame frame = client.frame();
            int before = 0;
            while (frame.opcode() == WsClient.TEXT) {
                before++;
                frame = client.frame();
            }
            assertThat(frame.code()).isEqualTo(4409);
            assertThat(before).isLessThan(3_000);
        }
    }

    @Test
    void theInputOfAClientThatDoesNotReadIsPausedAndTheClientIsClosedAsSlow() {
        try (WsServer server = new WsServer(BY_HAND);
                WsClient client = server.openSlow("")) {
            Channel channel = server.lastChannel();
            Thread asking = new Thread(() -> {
                try {
                    while (true) {
                        client.send("{\"type\":\"nothing\",\"ref\":\"" + "r".repeat(60) + "\"}");
                    }
                } catch (java.io.UncheckedIOException e) {
                    // The server cut the connection off.
                }
            });
            asking.start();
            AtomicLong most = new AtomicLong();
            server.await("the replies pile up", () -> {
                most.accumulateAndGet(WsServer.pending(channel), Math::max);
                return !channel.isWritable();
            });
            server.await("the session is closed", () -> {
                most.accumulateAndGet(WsServer.pending(channel), Math::max);
                keepAlive(server);
                return isClosed(server);
            });
            assertThat(most.get()).isBetween(32L << 10, 128L << 10);
            client.http().vanish();
            join(asking);
        }
    }

    /** Runs a round, as the timer does. */
    private static void keepAlive(WsServer server) {
        server.handler.fanOut().forEach(SessionReader::keepAlive, Duration.ZERO);
    }

    private static boolean isClosed(WsServer server) {
        return server.lastChannel()
                .eventLoop()
                .submit(() -> {
                    Socket socket = server.lastChannel().pipeline().get(Socket.class);
                    return socket == null || !socket.isOpen();
                })
                .syncUninterruptibly()
                .getNow();
    }

    private static void join(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Counts the reads of a channel that the socket has handled. */
    private static final class Reads extends ChannelInboundHandlerAdapter {
        private final Semaphore handled = new Semaphore(0);

        /** Counts the reads of the last client from now on, after its reader has joined the fan-out. */
        static Reads of(WsServer server) {
            server.await("a reader", () -> server.handler.readerStats().atEnd() == 1);
            Reads reads = new Reads();
            server.lastChannel().pipeline().addFirst(reads);
            return reads;
        }

        void awaitNext() throws InterruptedException {
            assertThat(handled.tryAcquire(10, TimeUnit.SECONDS)).as("a read").isTrue();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.fireChannelRead(message);
            handled.release();
        }
    }
}
