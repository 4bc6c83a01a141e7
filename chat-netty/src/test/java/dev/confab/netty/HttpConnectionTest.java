package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of valid but unusual requests, over real sockets. */
final class HttpConnectionTest {
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String JSON = "{\"body\":\"x\"}";

    private ServerFixture fixture;
    private RawHttp client;

    @BeforeEach
    void start() {
        fixture = new ServerFixture();
        client = fixture.connect();
    }

    @AfterEach
    void stop() {
        client.close();
        fixture.close();
    }

    @Test
    void responsesToPipelinedRequestsAreInOrder() throws InterruptedException {
        client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\n" + HEALTH + publish(JSON)
                + "GET /park HTTP/1.1\r\nHost: a\r\n\r\n" + HEALTH);

        ParkingLot.release(fixture.lot.next());
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            statuses.add(client.read().status());
        }
        assertThat(statuses).containsExactly(202, 200, 201);
        ParkingLot.release(fixture.lot.next());
        assertThat(client.read().status()).isEqualTo(202);
        assertThat(client.read().status()).isEqualTo(200);
    }

    @Test
    void aThousandPipelinedRequestsGetResponses() {
        client.send(publish(JSON).repeat(1_000));

        String last = "";
        for (int i = 0; i < 1_000; i++) {
            RawHttp.Response response = client.read();
            assertThat(response.status()).isEqualTo(201);
            String id = response.body()
                    .substring(
                            response.body().indexOf("\"id\""), response.body().indexOf("\"room\""));
            assertThat(id).isGreaterThan(last);
            last = id;
        }
    }

    @Test
    void aDisconnectOfAParkedClientIsNoticedAtOnce() throws InterruptedException {
        client.get("/park");
        Exchange exchange = fixture.lot.next();

        client.hangUp();

        assertThat(fixture.lot.nextGone()).isSameAs(exchange);
        // The response is dropped silently.
        ParkingLot.release(exchange);
    }

    @Test
    void aRequestCanArriveByteByByte() {
        String request = publish(JSON);
        for (int i = 0; i < request.length(); i++) {
            client.send(request.substring(i, i + 1));
        }

        assertThat(client.read().status()).isEqualTo(201);
    }

    @Test
    void aChunkedBodyIsAccepted() {
        client.send("POST /messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4\r\n{\"bo\r\n5;name=value\r\ndy\":\"\r\n3\r\nx\"}\r\n0\r\nTrailer: y\r\n\r\n");

        assertThat(client.read().body()).contains("\"body\":\"x\"");
        assertThat(client.get("/health").read().status()).isEqualTo(200);
    }

    @Test
    void aRequestThatExpects100ContinueGetsIt() {
        client.send("POST /messages HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 12\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send(JSON).read().status()).isEqualTo(201);
    }

    @Test
    void anInterimResponseIsSentInItsTurn() throws InterruptedException {
        client.get("/park")
                .send("POST /messages HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n");

        ParkingLot.release(fixture.lot.next());

        assertThat(client.read().status()).isEqualTo(202);
        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send(JSON).read().status()).isEqualTo(201);
    }

    @Test
    void emptyLinesBeforeARequestAreSkipped() {
        assertThat(client.send("\r\n\r\n" + HEALTH).read().status()).isEqualTo(200);
    }

    @Test
    void headGetsAResponseWithoutABody() {
        client.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");

        RawHttp.Response response = client.readHead();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-length")).isEqualTo("15");
        assertThat(client.get("/health").read().body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void headWithoutAnEndpointIsRefusedWithoutABody() {
        client.send("HEAD /messages HTTP/1.1\r\nHost: a\r\n\r\n");

        RawHttp.Response response = client.readHead();

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("allow")).isEqualTo("POST, OPTIONS");
        assertThat(client.get("/health").read().status()).isEqualTo(200);
    }

    @Test
    void optionsListsTheMethods() {
        client.send("OPTIONS /health HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");

        RawHttp.Response path = client.read();
        assertThat(path.status()).isEqualTo(204);
        assertThat(path.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(path.header("content-length")).isNull();
        assertThat(client.read().status()).isEqualTo(204);
    }

    @Test
    void anAbsoluteTargetIsAccepted() {
        client.send("GET http://a.example:80/health?x HTTP/1.1\r\nHost: a.example\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(200);

        client.send("POST http://a/messages?room=den HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n" + JSON);
        assertThat(client.read().body()).contains("\"room\":\"den\"");

        client.send("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(404);
    }

    @Test
    void theConnectionIsClosedWhenTheClientRequestsIt() {
        client.send("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + HEALTH);

        assertThat(client.read().header("connection")).isEqualTo("close");
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void anHttp10RequestNeedsNoHostAndItsConnectionIsClosed() {
        client.send("GET /health HTTP/1.0\r\n\r\n");

        RawHttp.Response response = client.read();
        assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void anHttp10ConnectionCanStayOpen() {
        for (int i = 0; i < 2; i++) {
            client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(client.read().header("connection")).isEqualTo("keep-alive");
        }
    }

    @Test
    void aHalfSentBodyIsNotPublished() {
        try (RawHttp other = fixture.connect()) {
            other.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"body");
        }

        assertThat(client.get("/health").read().status()).isEqualTo(200);
        assertThat(fixture.chat.head()).isEqualTo(fixture.store.lastId());
    }

    @Test
    void inputAfterARefusalIsDiscardedAndTheResponseArrives() {
        client.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
        client.send("x".repeat(1_000_000));

        assertThat(client.read().status()).isEqualTo(413);
        assertThat(client.isClosedByServer()).isTrue();
    }

    private static String publish(String json) {
        return "POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: " + json.length() + "\r\n\r\n" + json;
    }
}
