package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.WsClient;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeepAliveTest {
    private static final WebSocketConfig CONFIG =
            WebSocketConfig.defaults().withKeepAlive(Duration.ofMillis(100)).withCloseTimeout(Duration.ofSeconds(20));

    @Test
    void aClientThatAnswersPingsStaysConnected() {
        try (WsServer server = new WsServer(CONFIG);
                WsClient client = server.greeted("")) {
            for (int i = 0; i < 6; i++) {
                WsClient.Frame ping = client.frame();
                assertThat(ping.opcode()).isEqualTo(WsClient.PING);
                client.frame(true, WsClient.PONG, ping.payload());
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
    void aClientThatSendsAnyByteIsNotSilent() {
        try (WsServer server = new WsServer(CONFIG);
                WsClient client = server.greeted("")) {
            for (int i = 0; i < 6; i++) {
                assertThat(client.frame().opcode()).isEqualTo(WsClient.PING);
                // Each byte is only a part of a frame.
                client.http().send((byte) (i == 0 ? 0x81 : i == 1 ? 0xFE : 1));
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
        WebSocketConfig config = CONFIG.withStuckAfter(Duration.ofMillis(500));
        try (WsServer server = new WsServer(config);
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
            server.await("the session is closed", () -> {
                most.accumulateAndGet(WsServer.pending(channel), Math::max);
                return isClosed(server);
            });
            assertThat(most.get()).isBetween(32L << 10, 128L << 10);
            client.http().vanish();
            join(asking);
        }
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
}
