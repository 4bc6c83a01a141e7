package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.WsClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests beyond the Autobahn testsuite: the limits, and the ends of connections. */
@Timeout(60)
class ProtocolTest {
    private static final int MAX = 64 << 10;
    private static final byte[] EMPTY = new byte[0];

    private final WsServer server = new WsServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aPongRepeatsThePayloadOfThePing() {
        try (WsClient client = server.greeted("")) {
            client.ping("abc");
            WsClient.Frame pong = client.frame();
            assertThat(pong.opcode()).isEqualTo(WsClient.PONG);
            assertThat(pong.text()).isEqualTo("abc");
        }
    }

    @Test
    void aMessageCanArriveInFragmentsWithAPingInBetween() {
        try (WsClient client = server.greeted("")) {
            client.frame(false, WsClient.TEXT, "{\"type\"".getBytes(StandardCharsets.UTF_8));
            client.ping("");
            client.frame(false, WsClient.CONTINUATION, EMPTY);
            client.frame(true, WsClient.CONTINUATION, ":\"ping\"}".getBytes(StandardCharsets.UTF_8));
            assertThat(client.frame().opcode()).isEqualTo(WsClient.PONG);
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void sixtyFourFragmentsAreAcceptedAndSixtyFiveAreNot() {
        try (WsClient client = server.greeted("")) {
            fragments(client, 64);
            assertThat(client.text()).contains("invalid_json");
            fragments(client, 65);
            assertThat(client.closeCode()).isEqualTo(1008);
            client.expectEnd();
        }
    }

    @Test
    void aMessageOf64KiBIsAcceptedAndALargerOneIsNot() {
        try (WsClient client = server.greeted("")) {
            client.frame(true, WsClient.TEXT, spaces(MAX));
            assertThat(client.text()).contains("invalid_json");
            client.frame(false, WsClient.TEXT, spaces(MAX - 1));
            client.frame(true, WsClient.CONTINUATION, spaces(1));
            assertThat(client.text()).contains("invalid_json");
            client.frame(false, WsClient.TEXT, spaces(MAX));
            client.frame(true, WsClient.CONTINUATION, spaces(1));
            assertThat(client.closeCode()).isEqualTo(1009);
            client.expectEnd();
        }
    }

    @Test
    void aFrameThatIsTooLargeIsRefusedByItsHeaderAndTheReasonArrives() {
        try (WsClient client = server.greeted("")) {
            // The client sends the whole frame before it reads the close frame. If the server closed at once, the
            // connection would be reset.
            client.frame(true, WsClient.TEXT, spaces(20 * MAX));
            assertThat(client.closeCode()).isEqualTo(1009);
            client.expectEnd();
        }
    }

    @Test
    void tenControlFramesPerSecondAreAcceptedAndMoreAreNot() {
        try (WsClient client = server.greeted("")) {
            ByteArrayOutputStream pings = new ByteArrayOutputStream();
            for (int i = 0; i < 11; i++) {
                pings.writeBytes(WsClient.encode(true, i % 2 == 0 ? WsClient.PING : WsClient.PONG, EMPTY));
            }
            client.http().send(pings.toByteArray());
            for (int i = 0; i < 5; i++) {
                assertThat(client.frame().opcode()).isEqualTo(WsClient.PONG);
            }
            assertThat(client.closeCode()).isEqualTo(1008);
            client.expectEnd();
        }
    }

    @Test
    void anEmptyTextIsAnsweredByAnEmptyText() {
        try (WsClient client = server.greeted("")) {
            client.send("");
            client.frame(false, WsClient.TEXT, EMPTY);
            client.frame(true, WsClient.CONTINUATION, EMPTY);
            client.send("{\"type\":\"ping\"}");
            for (int i = 0; i < 2; i++) {
                WsClient.Frame answer = client.frame();
                assertThat(answer.opcode()).isEqualTo(WsClient.TEXT);
                assertThat(answer.payload()).isEmpty();
            }
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void binaryMessagesAreNotSupported() {
        try (WsClient client = server.greeted("")) {
            client.frame(true, WsClient.BINARY, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
            assertThat(client.closeCode()).isEqualTo(1003);
            client.expectEnd();
        }
    }

    @Test
    void textThatIsNotUtf8EndsTheConnectionAtItsFragment() {
        try (WsClient client = server.greeted("")) {
            client.frame(false, WsClient.TEXT, new byte[] {'"', (byte) 0xC0});
            assertThat(client.closeCode()).isEqualTo(1007);
            client.expectEnd();
        }
    }

    @Test
    void aFrameWithoutAMaskIsAProtocolError() {
        try (WsClient client = server.greeted("")) {
            client.http().send((byte) 0x81, (byte) 0x01, (byte) 'x');
            assertThat(client.closeCode()).isEqualTo(1002);
            client.expectEnd();
        }
    }

    @Test
    void theClientsCloseIsEchoedOnceAndEndsTheConnection() {
        try (WsClient client = server.greeted("")) {
            client.bye(1000);
            assertThat(client.closeCode()).isEqualTo(1000);
            client.expectEnd();
        }
        server.await("the connection is gone", () -> server.handler.connections() == 0);
    }

    @Test
    void aCloseWithoutACodeIsEchoedWithoutACode() {
        try (WsClient client = server.greeted("")) {
            client.frame(true, WsClient.CLOSE, EMPTY);
            assertThat(client.closeCode()).isEqualTo(1005);
            client.expectEnd();
        }
    }

    @Test
    void aCloseWithAnInvalidCodeIsAProtocolError() {
        for (int code : new int[] {0, 999, 1005, 1006, 2999, 5000, 65535}) {
            try (WsClient client = server.greeted("")) {
                client.bye(code);
                assertThat(client.closeCode()).as("answer to %s", code).isEqualTo(1002);
                client.expectEnd();
            }
        }
    }

    @Test
    void nothingIsSentAfterTheCloseFrame() {
        try (WsClient client = server.greeted("?after=earliest")) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            frames.writeBytes(WsClient.encode(true, WsClient.CLOSE, new byte[] {3, (byte) 0xE8}));
            frames.writeBytes(WsClient.encode("{\"type\":\"ping\"}"));
            frames.writeBytes(WsClient.encode(true, WsClient.PING, EMPTY));
            client.http().send(frames.toByteArray());
            assertThat(client.closeCode()).isEqualTo(1000);
            server.publish(Room.LOBBY, "too late");
            client.expectEnd();
        }
    }

    @Test
    void aClientThatKeepsTheConnectionAfterTheCloseIsCutOff() {
        WebSocketConfig hasty = WebSocketConfig.defaults().withCloseTimeout(Duration.ofMillis(300));
        try (WsServer cutting = new WsServer(hasty);
                WsClient client = cutting.greeted("")) {
            client.http().send((byte) 0xFF, (byte) 0xFF);
            assertThat(client.closeCode()).isEqualTo(1002);
            client.expectEnd();
            // The client keeps its side of the connection open on purpose.
            cutting.await("the connection is cut off", () -> cutting.handler.connections() == 0);
        }
    }

    @Test
    void aConnectionThatBreaksIsForgotten() {
        WsClient client = server.greeted("");
        client.frame(false, WsClient.TEXT, spaces(100));
        client.http().vanish();
        server.await("the connection is gone", () -> server.handler.connections() == 0);
    }

    private static void fragments(WsClient client, int count) {
        for (int i = 1; i <= count; i++) {
            client.frame(i == count, i == 1 ? WsClient.TEXT : WsClient.CONTINUATION, spaces(1));
        }
    }

    private static byte[] spaces(int count) {
        return " ".repeat(count).getBytes(StandardCharsets.US_ASCII);
    }
}
