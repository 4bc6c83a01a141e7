package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random requests on several connections of one event loop, in random pieces. Each response must equal the response to
 * the same request when this request is the only one of its connection and its event loop, so nothing is known.
 */
class RequestCacheFuzzTest {
    private static final int SEEDS = 20;
    private static final int BATCHES = 150;
    private static final int CONNECTIONS = 5;

    private static final List<String> METHODS = List.of("GET", "GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS");
    private static final List<String> TARGETS = List.of(
            "/told?is=a",
            "/told?is=b",
            "/told?is=c",
            "/told",
            "/told?is=%zz",
            "/later?is=a",
            "/later?is=b",
            "/open?is=a",
            "http://here/told?is=a",
            "http://elsewhere/told?is=a",
            "/told?" + "is=".repeat(100),
            "/nothing",
            "*");

    /** Requests with one of these lines are refused, or are accepted although the line does not have the usual form. */
    private static final List<String> ODD_LINES = List.of(
            "GET  /told?is=a HTTP/1.1\r\n",
            " GET /told?is=a HTTP/1.1\r\n",
            "\r\nGET /told?is=a HTTP/1.1\r\n",
            "\nGET /told?is=a HTTP/1.1\r\n",
            "\r\n\r\n\r\nGET /told?is=b HTTP/1.1\r\n",
            "GET /told?is=a HTTP/1.1 \r\n",
            "GET /told?is=a HTTP/1.1\n",
            "GET /told?is=a\tHTTP/1.1\r\n",
            "GET /told?is=a HTTP/1.1\r\r\n",
            "GET /told?is=\u00e4 HTTP/1.1\r\n",
            "GET /told?is=a HTTP/1.2\r\n",
            "GET /told?is=a HTTP/2.0\r\n",
            "GET /told?is=a http/1.1\r\n",
            "get /told?is=a HTTP/1.1\r\n",
            "BREW /told?is=a HTTP/1.1\r\n",
            "GET /told#a HTTP/1.1\r\n",
            "GET told?is=a HTTP/1.1\r\n",
            "GET /told?is=a\r\n",
            "GET\r\n",
            "\r\n",
            "\n",
            "G\u0000T /told?is=a HTTP/1.1\r\n",
            "Host: here\r\n",
            "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n");

    /** The headers of clients. Some differ only in their last byte, or only in their first one. */
    private static final List<Part> CLIENTS = List.of(
            new Part("Host: here\r\nCookie: sid=1; theme=dark\r\n", ""),
            new Part("Host: here\r\nCookie: sid=2; theme=dark\r\n", ""),
            new Part("Host: here\r\nCookie: sid=1; theme=dari\r\n", ""),
            new Part("Host: here\r\nX: a\r\n", ""),
            new Part("Host: here\r\nX: b\r\n", ""),
            new Part("Host: here\r\nX: a\r\nY: a\r\n", ""),
            new Part("Host: here\r\n", ""),
            new Part("host: here\r\n", ""),
            new Part("Host: there\r\n", ""),
            new Part("Host: here\r\nAuthorization: Bearer a\r\n", ""),
            new Part("Host: here\r\nAuthorization: Bearer b\r\n", ""),
            new Part("Host: here\r\nOrigin: http://here\r\n", ""),
            new Part("Host: here\r\nOrigin: http://friend\r\n", ""),
            new Part("Host: here\r\nOrigin: http://second\r\n", ""),
            new Part("Host: here\r\nOrigin: http://evil\r\n", ""),
            new Part("Host: here\r\nSec-Fetch-Site: same-origin\r\n", ""),
            new Part("Host: here\r\nSec-Fetch-Site: cross-site\r\n", ""),
            new Part("Host: here\r\nContent-Length: 4\r\n", "body"),
            new Part("Host: here\r\nContent-Length: 4\r\n", "\r\n\r\n"),
            new Part("Host: here\r\nContent-Length: 4\r\n", "GET "),
            new Part("Host: here\r\nContent-Length: 0\r\n", ""),
            new Part("Host: here\r\nContent-Length: 4\r\nExpect: 100-continue\r\n", "body"),
            new Part("Host: here\r\nTransfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            new Part("Host: here\r\nContent-Length: 14\r\n", "GET / HTTP/1.1"),
            new Part("Host: here\r\nConnection: keep-alive\r\n", ""),
            new Part("Host: here\r\nCookie: " + "c".repeat(KnownHeaders.MAX_BYTES - 24) + "\r\n", ""),
            new Part("Host: here\r\nCookie: " + "c".repeat(KnownHeaders.MAX_BYTES) + "\r\n", ""),
            new Part("Host: here\r\n" + "X: x\r\n".repeat(KnownHeaders.MAX_HEADERS - 1), ""),
            new Part("Host: here\r\n" + "X: x\r\n".repeat(KnownHeaders.MAX_HEADERS), ""));

    /** Headers that clients rarely send; many of these requests are refused or are the last of their connection. */
    private static final List<Part> ODD_HEADERS = List.of(
            new Part("", ""),
            new Part("Host: here\r\nHost: here\r\n", ""),
            new Part("Host: he/re\r\n", ""),
            new Part("Host: here\r\nConnection: close\r\n", ""),
            new Part("Host: here\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            new Part("Host: here\r\nContent-Length: 4\r\nContent-Length: 4\r\n", "body"),
            new Part("Host: here\r\nContent-Length: +4\r\n", "body"),
            new Part("Host: here\r\nContent-Length: 10000000\r\n", ""),
            new Part("Host: here\r\nExpect: 100-continue\r\n", ""),
            new Part("Host: here\r\nExpect: the best\r\n", ""),
            new Part("Host: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", ""),
            new Part("Host: here\r\nUpgrade: h2c\r\n", ""),
            new Part("Host: here\r\nX: a\r\n b\r\n", ""),
            new Part("Host: here\r\n X: a\r\n", ""),
            new Part("Host: here\nX: a\r\n", ""),
            new Part("Host: here\r\nX: a\n", ""),
            new Part("Host: here\r\nX : a\r\n", ""),
            new Part("Host: here\r\nX\r\n", ""),
            new Part("Host: here\r\nX: \u0000\r\n", ""),
            new Part("Host: here\r\nX: " + "x".repeat(9_000) + "\r\n", ""));

    /** With these headers, the decoder expects a body of 8 bytes behind the head of a GET, but not of a POST. */
    private static final String OLD_HANDSHAKE = "Host: here\r\nSec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n";

    private final Routes routes = Routes.of(
                    new Teller(HttpMethod.GET, "/told", true),
                    new Teller(HttpMethod.POST, "/told", true),
                    new Teller(HttpMethod.GET, "/later", true),
                    new Teller(HttpMethod.POST, "/later", true),
                    new Teller(HttpMethod.GET, "/open", false))
            .allowing(Set.of("http://friend", "http://second"));
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private int handled;
    private int parsed;

    /** Header lines without the empty line at their end, and the body behind them. */
    private record Part(String headers, String body) {}

    /** @param isLast whether the request is the last of its connection */
    private record Outcome(String answer, boolean isLast) {}

    /** Tells in the response everything that a handler can know about the request. */
    private final class Teller implements Endpoint {
        private final HttpMethod method;
        private final String path;
        private final boolean isGuarded;

        Teller(HttpMethod method, String path, boolean isGuarded) {
            this.method = method;
            this.path = path;
            this.isGuarded = isGuarded;
        }

        @Override
        public HttpMethod method() {
            return method;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public boolean servesHead() {
            return method.equals(HttpMethod.GET);
        }

        @Override
        public boolean isGuarded() {
            return isGuarded;
        }

        @Override
        public void handle(Exchange exchange) {
            handled++;
            HttpRequest request = exchange.request();
            String is = exchange.parsed(String.class, query -> {
                parsed++;
                return path + method + query.first("is");
            });
            String told = String.join(
                    "|",
                    is,
                    request.method() + " " + request.uri() + " " + request.protocolVersion(),
                    request.headers().entries().toString(),
                    exchange.query().all("is").toString(),
                    "" + exchange.isKeepAlive() + exchange.isHttp11() + exchange.isHeadRequest() + exchange.isSafe()
                            + exchange.takesWhole(),
                    exchange.content().toString(StandardCharsets.ISO_8859_1));
            Response response = Response.json(
                            HttpResponseStatus.OK, Unpooled.copiedBuffer(told, StandardCharsets.ISO_8859_1))
                    .with("x-told", Integer.toHexString(told.hashCode()));
            if (path.equals("/later")) {
                exchange.park();
                exchange.channel().eventLoop().execute(() -> exchange.answer(response));
            } else {
                exchange.answer(response);
            }
        }
    }

    @Test
    void requestsGetTheResponsesThatTheyGetAlone() {
        int known = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            List<List<String>> batches = batches(new Random(seed));
            batches.forEach(batch -> batch.forEach(this::outcome));
            FastThreadLocal.removeAll();
            handled = 0;
            parsed = 0;
            check(seed, new Random(seed), batches);
            known += handled - parsed;
        }
        assertThat(known).as("requests with a known line").isGreaterThan(SEEDS * BATCHES / 4);
    }

    /** Each batch is for the connection with the number of the batch, modulo the number of connections. */
    private static List<List<String>> batches(Random random) {
        List<Part> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(pick(random, random.nextInt(6) == 0 ? ODD_HEADERS : CLIENTS));
        }
        List<List<String>> batches = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            List<String> batch = new ArrayList<>();
            for (int left = random.nextInt(1, 5); left > 0; left--) {
                batch.add(request(random, clients.get(i % CONNECTIONS)));
            }
            batches.add(batch);
        }
        return batches;
    }

    private static String request(Random random, Part client) {
        boolean isHandshake = random.nextInt(100) == 0;
        if (isHandshake) {
            boolean isGet = random.nextBoolean();
            String method = isGet ? "GET" : "POST";
            return method + " /told?is=a HTTP/1.1\r\n" + OLD_HANDSHAKE + "\r\n" + (isGet ? "8 bytes." : "");
        }
        String before = random.nextInt(10) == 0 ? "\r\n" : "";
        String version = random.nextInt(30) == 0 ? "HTTP/1.0" : "HTTP/1.1";
        String target = random.nextInt(4) == 0 ? pick(random, TARGETS) : TARGETS.get(random.nextInt(3));
        String line = random.nextInt(40) == 0
                ? pick(random, ODD_LINES)
                : (random.nextInt(4) == 0 ? pick(random, METHODS) : "GET") + " " + target + " " + version + "\r\n";
        Part headers = switch (random.nextInt(40)) {
            case 0 -> pick(random, ODD_HEADERS);
            case 1, 2, 3 -> pick(random, CLIENTS);
            default -> client;
        };
        return before + line + headers.headers() + "\r\n" + headers.body();
    }

    private void check(int seed, Random random, List<List<String>> batches) {
        EmbeddedChannel[] channels = new EmbeddedChannel[CONNECTIONS];
        for (int i = 0; i < batches.size(); i++) {
            int connection = i % CONNECTIONS;
            EmbeddedChannel channel = channels[connection];
            if (channel == null) {
                channel = connect();
                channels[connection] = channel;
            }
            StringBuilder expected = new StringBuilder();
            boolean isLast = false;
            for (String request : batches.get(i)) {
                if (!isLast) {
                    Outcome outcome = outcome(request);
                    expected.append(outcome.answer());
                    isLast = outcome.isLast();
                }
            }

            String answer = send(channel, random, String.join("", batches.get(i)));

            assertThat(answer)
                    .as("seed %d, batch %d: %s", seed, i, batches.get(i))
                    .isEqualTo(expected.toString());
            assertThat(channel.isOpen()).as("open, seed %d, batch %d", seed, i).isEqualTo(!isLast);
            if (isLast || random.nextInt(20) == 0) {
                channel.finishAndReleaseAll();
                channels[connection] = null;
            }
        }
        for (EmbeddedChannel channel : channels) {
            if (channel != null) {
                channel.finishAndReleaseAll();
            }
        }
    }

    /** Sends the bytes as a whole, or cut at up to three random places. */
    private static String send(EmbeddedChannel channel, Random random, String bytes) {
        StringBuilder answer = new StringBuilder();
        int sent = 0;
        for (int cuts = Math.max(0, random.nextInt(8) - 4); cuts >= 0 && channel.isOpen(); cuts--) {
            int end = cuts == 0 ? bytes.length() : random.nextInt(sent, bytes.length() + 1);
            channel.writeInbound(Unpooled.copiedBuffer(bytes.substring(sent, end), StandardCharsets.ISO_8859_1));
            sent = end;
            answer.append(read(channel));
        }
        return answer.toString();
    }

    /** The outcome of a request that is the only one of its connection and of its event loop. */
    private Outcome outcome(String request) {
        return outcomes.computeIfAbsent(request, unseen -> {
            FastThreadLocal.removeAll();
            EmbeddedChannel channel = connect();
            channel.writeInbound(Unpooled.copiedBuffer(unseen, StandardCharsets.ISO_8859_1));
            Outcome outcome = new Outcome(read(channel), !channel.isOpen());
            channel.finishAndReleaseAll();
            return outcome;
        });
    }

    private EmbeddedChannel connect() {
        EmbeddedChannel channel = new EmbeddedChannel();
        routes.addHttpTo(channel.pipeline());
        return channel;
    }

    /** Reads all responses, without their dates. */
    private static String read(EmbeddedChannel channel) {
        channel.runPendingTasks();
        StringBuilder all = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }
        return all.toString().replaceAll("(?i)\r\ndate: [^\r]*", "");
    }

    private static <T> T pick(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
