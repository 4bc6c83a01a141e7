package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.core.Signal;
import dev.confab.netty.WsClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals between sockets. */
@Timeout(60)
class SignalsTest {
    private static final Room A = new Room("a");

    private final WsServer server = new WsServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aSignalReachesTheOtherReadersOfTheRoomOnly() {
        try (WsClient ann = server.greeted("?room=a&nick=ann");
                WsClient other = server.greeted("?room=a");
                WsClient elsewhere = server.greeted("?room=b")) {
            ann.send("{\"type\":\"signal\",\"event\":\"typing\",\"data\":\"x\"}");
            assertThat(other.text())
                    .isEqualTo(
                            "{\"type\":\"signal\",\"room\":\"a\",\"event\":\"typing\",\"data\":\"x\",\"nick\":\"ann\"}");
            server.publish(A, "next");
            server.publish(new Room("b"), "next");
            assertThat(ann.text()).contains("\"body\":\"next\"");
            assertThat(other.text()).contains("\"body\":\"next\"");
            assertThat(elsewhere.text()).contains("\"body\":\"next\"");
        }
    }

    @Test
    void aSignalMayGoToARoomThatTheSenderDoesNotRead() {
        try (WsClient sender = server.greeted("?room=b&room=c");
                WsClient reader = server.greeted("?room=a")) {
            sender.send("{\"type\":\"signal\",\"room\":\"a\",\"event\":\"typing\"}");
            assertThat(reader.text())
                    .isEqualTo("{\"type\":\"signal\",\"room\":\"a\",\"event\":\"typing\",\"data\":\"\"}");
            sender.send("{\"type\":\"signal\",\"event\":\"typing\",\"ref\":1}");
            assertThat(sender.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"invalid_room\"")
                    .endsWith("\"ref\":1}");
        }
    }

    @Test
    void aSignalRightBehindTheHandshakeIsDelivered() {
        try (WsClient reader = server.greeted("?room=a");
                WsClient sender = server.connect()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(("GET /ws?room=a HTTP/1.1\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(WsClient.encode("{\"type\":\"signal\",\"event\":\"typing\"}"));
            sender.http().send(bytes.toByteArray());
            assertThat(reader.text())
                    .isEqualTo("{\"type\":\"signal\",\"room\":\"a\",\"event\":\"typing\",\"data\":\"\"}");
        }
    }

    @Test
    void anInvalidSignalIsAnError() {
        try (WsClient client = server.greeted("?room=a")) {
            client.send("{\"type\":\"signal\",\"event\":\"a b\",\"ref\":1}");
            assertThat(client.text())
                    .startsWith("{\"type\":\"error\",\"code\":\"invalid_event\"")
                    .endsWith("\"ref\":1}");
            client.send("{\"type\":\"signal\",\"event\":\"x\",\"data\":\"" + "x".repeat(1_025) + "\"}");
            assertThat(client.text()).startsWith("{\"type\":\"error\",\"code\":\"message_too_large\"");
        }
    }

    @Test
    void aClientThatSendsTooManySignalsGetsAnErrorAndStaysConnected() {
        try (WsClient client = server.greeted("?room=a")) {
            // All at once, because a client that waited for a reply to each signal might stay below the limit.
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int i = 0; i < 200; i++) {
                frames.writeBytes(WsClient.encode("{\"type\":\"signal\",\"event\":\"x\",\"ref\":" + i + "}"));
            }
            frames.writeBytes(WsClient.encode("{\"type\":\"ping\"}"));
            client.http().send(frames.toByteArray());
            List<String> errors = new ArrayList<>();
            String text = client.text();
            while (!text.equals("{\"type\":\"pong\"}")) {
                errors.add(text);
                text = client.text();
            }
            assertThat(errors)
                    .isNotEmpty()
                    .allSatisfy(error -> assertThat(error)
                            .startsWith("{\"type\":\"error\",\"code\":\"too_many_signals\",\"detail\":"
                                    + "\"Too many signals over this connection\",\"ref\":"));
            client.send("{\"type\":\"ping\"}");
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void aClientThatDoesNotReadGetsNoSignalsAndCostsNoMemory() throws Exception {
        try (WsClient slow = server.openSlow("?room=a")) {
            assertThat(slow.text()).startsWith("{\"type\":\"hello\"");
            String data = "x".repeat(1_024);
            for (int i = 0; i < 20_000; i++) {
                server.chat.signal(new Signal(A, "x", data, null, null));
                if (i % 100 == 0) {
                    server.settle();
                }
            }
            server.settle();
            assertThat(WsServer.pending(server.lastChannel())).isLessThan(128 << 10);
        }
    }
}
