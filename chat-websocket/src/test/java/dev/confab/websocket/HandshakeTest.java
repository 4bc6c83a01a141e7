package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ScriptedStore;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HandshakeTest {
    private final ScriptedStore store = new ScriptedStore();
    private final WsServer server = new WsServer(WebSocketConfig.defaults(), store);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void theServerSwitchesProtocolsAndSendsHello() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("?last=0", WsClient.UPGRADE))
                    .isEqualToIgnoringCase(
                            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                                    + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            assertThat(client.text())
                    .matches("\\{\"type\":\"hello\",\"session\":\"[0-9a-f]{16}\",\"cursor\":\"[0-9A-Z]{26}\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            })
    void otherRequestsGet426WithTheRequiredUpgrade(String headers) {
        try (WsClient client = server.connect()) {
            assertThat(client.request("", headers))
                    .startsWith("HTTP/1.1 426 Upgrade Required\r\n")
                    .containsIgnoringCase("\r\nupgrade: websocket\r\n")
                    .containsIgnoringCase("\r\nconnection: Upgrade\r\n")
                    .containsIgnoringCase("\r\nsec-websocket-version: 13\r\n")
                    .containsIgnoringCase("\r\ncontent-type: application/problem+json\r\n");
        }
    }

    @Test
    void anHttp10HandshakeGets426() {
        try (WsClient client = server.connect()) {
            client.http().send("GET /ws HTTP/1.0\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n");
            assertThat(client.http().readHead().statusLine()).startsWith("HTTP/1.1 426 ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Sec-WebSocket-Key: abc\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\nSec-WebSocket-Key: x\r\n"
            })
    void anInvalidKeyIsABadRequest(String key) {
        try (WsClient client = server.connect()) {
            String headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key;
            assertThat(client.request("", headers)).startsWith("HTTP/1.1 400 ");
        }
    }

    /** Frames may already follow the handshake, and cannot be distinguished from a request. */
    @ParameterizedTest
    @CsvSource({
        "'', 13, x, 400",
        "'', 8, dGhlIHNhbXBsZSBub25jZQ==, 426",
        "?room=a%20b, 13, dGhlIHNhbXBsZSBub25jZQ==, 400",
        "?after=01ARZ3NDEKTSV4RRFFQ69G5FAV, 13, dGhlIHNhbXBsZSBub25jZQ==, 503",
    })
    void aRefusedHandshakeClosesTheConnection(String query, String version, String key, int status) {
        store.failReads(1);
        try (RawHttp client = new RawHttp(server.port())) {
            client.send("GET /ws" + query + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: " + version + "\r\nSec-WebSocket-Key: " + key + "\r\n\r\n");
            RawHttp.Response response = client.read();
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.headers()).contains("connection: close");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aPlainGetOrHeadIsRefusedAndItsConnectionStaysOpen() {
        try (RawHttp client = new RawHttp(server.port())) {
            client.get("/ws?room=a%20b").get("/ws");
            assertThat(client.read().status()).isEqualTo(400);
            assertThat(client.read().status()).isEqualTo(426);
            client.send("HEAD /ws HTTP/1.1\r\nHost: x\r\n\r\n");
            RawHttp.Response head = client.readHead();
            assertThat(head.status()).isEqualTo(426);
            assertThat(head.header("upgrade")).isEqualTo("websocket");
            assertThat(client.get("/ws").read().status()).isEqualTo(426);
        }
    }

    /** According to RFC 6455 section 4.1, the method of a handshake is GET. */
    @Test
    void aHeadRequestIsNotAHandshake() {
        try (RawHttp client = new RawHttp(server.port())) {
            client.send("HEAD /ws HTTP/1.1\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n");
            assertThat(client.readHead().status()).isEqualTo(426);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void tokensAreFoundInLists() {
        try (WsClient client = server.connect()) {
            String headers =
                    "Upgrade: h2c, WebSocket\r\nConnection: keep-alive, upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            assertThat(client.request("", headers)).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void emptyParametersAreTreatedAsMissing() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("?room=&nick=&after=&last=&cursor=", WsClient.UPGRADE))
                    .startsWith("HTTP/1.1 101 ");
        }
    }

    /** A browser does not tell a page why a handshake failed. The page can find out with a plain GET. */
    @Test
    void aPlainGetReportsAnErrorInTheQuery() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("?nick=" + "x".repeat(65), ""))
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("application/problem+json");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?after=x",
                "?room=a%20b",
                "?nick=%00",
                "?last=1001",
                "?last=1&after=latest",
                "?last=x",
                "?lastEventId=01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "?cursor=latest",
                "?before=latest"
            })
    void anErrorInTheQueryIsReportedBeforeTheUpgrade(String query) {
        try (WsClient client = server.connect()) {
            assertThat(client.request(query, WsClient.UPGRADE))
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("application/problem+json");
        }
    }

    @Test
    void anUnreadableLogIsReportedBeforeTheUpgrade() {
        store.failReads(1);
        try (WsClient client = server.connect()) {
            assertThat(client.request("?after=01ARZ3NDEKTSV4RRFFQ69G5FAV", WsClient.UPGRADE))
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after");
        }
    }

    @Test
    void theSubprotocolIsChosenWhenOffered() {
        try (WsClient client = server.connect()) {
            String offer = "Sec-WebSocket-Protocol: chat, confab.v1\r\nSec-WebSocket-Protocol: other\r\n";
            assertThat(client.request("", WsClient.UPGRADE + offer))
                    .startsWith("HTTP/1.1 101 ")
                    .containsIgnoringCase("\r\nsec-websocket-protocol: confab.v1\r\n");
        }
    }

    @Test
    void noUnknownSubprotocolIsChosenAndTheConnectionContinues() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("", WsClient.UPGRADE + "Sec-WebSocket-Protocol: chat, CONFAB.V1\r\n"))
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContainIgnoringCase("sec-websocket-protocol");
            assertThat(client.text()).startsWith("{\"type\":\"hello\"");
        }
    }

    @Test
    void extensionsAreNotAccepted() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("", WsClient.UPGRADE + "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContainIgnoringCase("extensions");
        }
    }

    @Test
    void framesDirectlyAfterTheRequestAreHandled() {
        try (WsClient client = server.connect()) {
            byte[] request = ("GET /ws HTTP/1.1\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n").getBytes();
            byte[] ping = WsClient.encode("{\"type\":\"ping\"}");
            byte[] both = java.util.Arrays.copyOf(request, request.length + ping.length);
            System.arraycopy(ping, 0, both, request.length, ping.length);
            client.http().send(both);
            assertThat(client.http().readHead().statusLine()).startsWith("HTTP/1.1 101 ");
            assertThat(client.text()).startsWith("{\"type\":\"hello\"");
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void aClientThatDisconnectsBeforeTheResponseIsForgotten() {
        WsClient client = server.connect();
        client.http().send("GET /ws HTTP/1.1\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n");
        client.http().vanish();
        server.await(
                "the channel is closed",
                () -> server.hasChannels() && !server.lastChannel().isActive());
        server.await("no connection is left", () -> server.handler.connections() == 0);
    }
}
