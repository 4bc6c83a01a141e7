package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Gate;
import dev.confab.core.Message;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.WsClient;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DrainTest {
    /** The number of small segments that TCP sends before it waits for an acknowledgement. */
    private static final int FEW = 8;

    private final ScriptedStore store = new ScriptedStore();

    @Test
    void acceptedMessagesAreAcknowledgedBeforeTheClose() throws Exception {
        Gate commit = store.holdAppends();
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), store);
                WsClient client = server.greeted("?room=elsewhere")) {
            for (int i = 0; i < 3; i++) {
                client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"" + i + "\",\"ref\":" + i + "}");
            }
            client.ping("");
            assertThat(client.frame().opcode()).isEqualTo(WsClient.PONG);
            CompletableFuture<Void> drained =
                    server.handler.drain(Duration.ofSeconds(10)).toCompletableFuture();
            server.settle();
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"too late\",\"ref\":3}");
            String refused = client.text();
            assertThat(field(refused, "code")).isEqualTo("draining");
            assertThat(field(refused, "ref")).isEqualTo("3");
            assertThat(drained).isNotDone();
            commit.open();
            for (int i = 0; i < 3; i++) {
                assertThat(field(client.text(), "ref")).isEqualTo("" + i);
            }
            assertThat(client.closeCode()).isEqualTo(1001);
            client.bye(1001);
            client.expectEnd();
            client.http().vanish();
            drained.get(10, TimeUnit.SECONDS);
            assertThat(store.log().entries()).extracting(Message::body).containsExactly("0", "1", "2");
        }
    }

    @Test
    void messagesInTheSocketAreAcknowledgedBeforeTheClose() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), store);
                WsClient client = server.greeted("?room=elsewhere")) {
            Channel channel = server.lastChannel();
            // Waits until the loop has finished the handshake, because the handshake makes the channel read.
            server.settle();
            channel.config().setAutoRead(false);
            server.settle();
            for (int i = 0; i < FEW; i++) {
                client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"" + i + "\",\"ref\":" + i + "}");
            }
            // Once another client has been served, the frames of this client have arrived in the socket.
            server.greeted("").close();
            channel.eventLoop().execute(() -> {
                server.handler.drain(Duration.ofSeconds(10));
                channel.eventLoop().execute(() -> channel.config().setAutoRead(true));
            });
            for (int i = 0; i < FEW; i++) {
                assertThat(field(client.text(), "ref")).isEqualTo("" + i);
            }
            assertThat(client.closeCode()).isEqualTo(1001);
        }
    }

    @Test
    void newConnectionsAreRefused() {
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), store);
                WsClient client = server.connect()) {
            assertThat(server.handler.drain(Duration.ofSeconds(1)).toCompletableFuture())
                    .isDone();
            assertThat(client.request("", WsClient.UPGRADE)).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void aClientThatDoesNotEchoTheCloseIsCutOff() throws Exception {
        WebSocketConfig config = WebSocketConfig.defaults().withCloseTimeout(Duration.ofHours(1));
        try (WsServer server = new WsServer(config, store);
                WsClient client = server.greeted("")) {
            CompletableFuture<Void> drained =
                    server.handler.drain(Duration.ofHours(1)).toCompletableFuture();
            assertThat(client.closeCode()).isEqualTo(1001);
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    /** The store is not shared, so there is no other node to which the clients could reconnect. */
    @Test
    void allClientsAreClosedAtOnceWithoutAnotherNode() throws Exception {
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), store)) {
            List<WsClient> clients = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                clients.add(server.greeted(""));
            }
            CompletableFuture<Void> drained =
                    server.handler.drain(Duration.ofHours(1)).toCompletableFuture();
            for (WsClient client : clients) {
                assertThat(client.closeCode()).isEqualTo(1001);
                client.close();
            }
            drained.get(10, TimeUnit.SECONDS);
        }
    }
}
