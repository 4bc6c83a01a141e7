package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.LimitsConfig;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that all ways of publishing share the limit of their address. */
@Timeout(60)
final class PublishLimitTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    // The bucket gets one token in a second. So a test takes more tokens than it can get, and then sees a refusal.
    private static final LimitsConfig LIMITS =
            LimitsConfig.defaults().withPublishRate(1, 3).withTrustedProxies(List.of("127.0.0.1"));

    private final Node node = Node.start(NodeConfig.inMemory().withLimits(LIMITS));

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aSendOverWebSocketBeyondTheRateGetsAnErrorAndIsNotStored() {
        try (WsClient client = connect("203.0.113.1")) {
            int acks = 0;
            String refused = null;
            for (int i = 0; i < 100; i++) {
                client.send(
                        "{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\",\"key\":\"k" + i + "\",\"ref\":" + i + "}");
                String response = client.text();
                if (response.startsWith("{\"type\":\"ack\"")) {
                    acks++;
                } else {
                    refused = response;
                    assertThat(response)
                            .startsWith("{\"type\":\"error\",\"code\":\"rate_limited\",")
                            .contains("\"key\":\"k" + i + "\"", "\"ref\":" + i);
                }
            }
            assertThat(acks).isGreaterThanOrEqualTo(3);
            assertThat(refused).isNotNull();
            assertThat(new DirectClient(node.port()).ids("a")).hasSize(acks);
            client.send("{\"type\":\"ping\"}");
            assertThat(client.text()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void allWaysOfPublishingTakeFromTheSameBucket() {
        exhaust("203.0.113.2");
        try (RawHttp http = new RawHttp(node.port());
                WsClient client = connect("203.0.113.2")) {
            // A token can arrive in between, but not three in a row.
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                RawHttp.Response published = post(http, "/messages", "203.0.113.2", "body=x");
                RawHttp.Response sent = post(http, "/pub", "203.0.113.2", "message=x");
                client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"x\"}");
                String response = client.text();
                if (isRefused(published) && isRefused(sent) && response.contains("\"code\":\"rate_limited\"")) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
            assertThat(post(http, "/pub", "203.0.113.3", "message=x").status()).isEqualTo(200);
        }
    }

    @Test
    void anInvalidMessageGetsItsOwnErrorAndTakesNoToken() {
        try (RawHttp http = new RawHttp(node.port());
                WsClient client = connect("203.0.113.4")) {
            for (int i = 0; i < 20; i++) {
                assertThat(post(http, "/messages", "203.0.113.4", "body=").body())
                        .contains("\"invalid_body\"");
                assertThat(post(http, "/pub", "203.0.113.4", "message=").status())
                        .isEqualTo(400);
                client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"\"}");
                assertThat(client.text()).contains("\"invalid_body\"");
            }
            for (int i = 0; i < 3; i++) {
                assertThat(post(http, "/messages", "203.0.113.4", "body=x").status())
                        .isEqualTo(201);
            }
        }
    }

    private void exhaust(String address) {
        try (RawHttp http = new RawHttp(node.port())) {
            RawHttp.Response response;
            do {
                response = post(http, "/messages", address, "body=x");
            } while (!isRefused(response));
        }
    }

    private WsClient connect(String address) {
        WsClient client = new WsClient(new RawHttp(node.port()));
        client.request("?room=elsewhere", WsClient.UPGRADE + "X-Forwarded-For: " + address + "\r\n");
        assertThat(client.text()).contains("\"type\":\"hello\"");
        return client;
    }

    private static RawHttp.Response post(RawHttp http, String path, String address, String form) {
        return http.send("POST " + path + " HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: " + address
                        + "\r\nContent-Type: " + FORM + "\r\nContent-Length: " + form.length() + "\r\n\r\n" + form)
                .read();
    }

    private static boolean isRefused(RawHttp.Response response) {
        return response.status() == 429 && response.body().contains("\"code\":\"rate_limited\"");
    }
}
