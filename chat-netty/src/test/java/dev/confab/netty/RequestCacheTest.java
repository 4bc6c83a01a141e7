package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Repeated requests get the same responses with the request cache as without it. */
class RequestCacheTest {
    /** More repetitions than are needed for a request to be cached. */
    private static final int OFTEN = 3 * (RequestCache.PASSED + 1);

    private final Names names = new Names();
    private final Routes routes = Routes.of(names, new Echo());

    /** Responds with the body of the request. */
    private static final class Echo implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.POST;
        }

        @Override
        public String path() {
            return "/echo";
        }

        @Override
        public void handle(Exchange exchange) {
            exchange.answer(
                    Response.json(HttpResponseStatus.OK, exchange.content().retain()));
        }
    }

    /** Responds with the name in the query. */
    private static final class Names implements Endpoint {
        int parsed;
        final List<String> agents = new ArrayList<>();
        final List<HttpHeaders> headers = new ArrayList<>();

        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/name";
        }

        @Override
        public void handle(Exchange exchange) {
            HttpHeaders received = exchange.request().headers();
            headers.add(received);
            agents.add(received.get("agent"));
            String name = exchange.parsed(String.class, query -> {
                parsed++;
                return query.first("is");
            });
            exchange.answer(
                    Response.json(HttpResponseStatus.OK, Unpooled.copiedBuffer(name, StandardCharsets.US_ASCII)));
        }
    }

    /** Clears the cache, which belongs to the thread: earlier tests of other classes have used it on this thread. */
    @BeforeEach
    void forgetEarlierRequests() {
        FastThreadLocal.removeAll();
    }

    @Test
    void aRepeatedRequestIsNoLongerParsedOnceCached() {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < OFTEN; i++) {
            answers.add(ask(routes, get("a", "Agent: x\r\n")));
        }

        assertThat(answers).hasSize(OFTEN).allMatch(answer -> isOk(answer, "a"));
        assertThat(names.parsed).isEqualTo(RequestCache.PASSED + 1);
        assertThat(names.agents).hasSize(OFTEN).containsOnly("x");
    }

    @Test
    void requestsThatDifferInOneByteAreDifferent() {
        for (int i = 0; i < OFTEN; i++) {
            assertThat(isOk(ask(routes, get("a", "Agent: x\r\n")), "a")).isTrue();
            assertThat(isOk(ask(routes, get("b", "Agent: y\r\n")), "b")).isTrue();
        }

        assertThat(names.agents).filteredOn("x"::equals).hasSize(OFTEN);
        assertThat(names.agents).filteredOn("y"::equals).hasSize(OFTEN);
    }

    @Test
    void manyAlternatingRequestsAllGetResponses() {
        for (int i = 0; i < 500; i++) {
            String name = "n" + i % 23;
            assertThat(isOk(ask(routes, get(name, "")), name)).isTrue();
        }
    }

    @Test
    void aForeignOriginIsRefusedHoweverOftenTheOwnWasAllowed() {
        for (int i = 0; i < OFTEN; i++) {
            assertThat(ask(routes, get("a", "Origin: http://here\r\n"))).startsWith("HTTP/1.1 200 ");
            assertThat(ask(routes, get("a", "Origin: http://evil\r\n"))).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void anOriginAllowedByOneServerIsNotAllowedByAnother() {
        Routes open = Routes.of(new Names()).allowing(Set.of("http://there"));
        for (int i = 0; i < OFTEN; i++) {
            assertThat(ask(open, get("a", "Origin: http://there\r\n")))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("access-control-allow-origin: http://there");
            assertThat(ask(routes, get("a", "Origin: http://there\r\n"))).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void refusedRequestsAreRefusedEachTime() {
        for (int i = 0; i < OFTEN; i++) {
            assertThat(ask(routes, "GET /name?is=a HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
            assertThat(ask(routes, "GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n"))
                    .startsWith("HTTP/1.1 404 ");
            assertThat(ask(routes, "POST /name HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n"))
                    .startsWith("HTTP/1.1 405 ");
        }
    }

    @Test
    void responsesToPipelinedRequestsAreInOrder() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < OFTEN; i++) {
            all.append(get("a", "")).append(get("b", "")).append("\r\n");
        }

        String answers = ask(routes, all.toString());

        assertThat(answers.split("HTTP/1.1 200 OK")).hasSize(2 * OFTEN + 1);
        assertThat(answers.replaceAll("(?s)HTTP/1.1.*?\r\n\r\n", "")).isEqualTo("ab".repeat(OFTEN));
    }

    /**
     * A request that arrives in pieces goes through the decoder. Afterwards the decoder is in its initial state, so it
     * also skips line breaks before the next request.
     */
    @Test
    void aRequestThatArrivesInPiecesGetsAResponse() {
        String request = get("a", "");
        for (int i = 0; i < OFTEN; i++) {
            ask(routes, request);
        }
        EmbeddedChannel channel = connect(routes);
        for (int at = 1; at < request.length(); at++) {
            write(channel, request.substring(0, at));
            write(channel, request.substring(at));
            assertThat(isOk(read(channel), "a")).as("cut at %d", at).isTrue();
            write(channel, "\r\n" + request);
            assertThat(isOk(read(channel), "a")).as("after a cut at %d", at).isTrue();
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void aRepeatedHeadHasItsOwnBody() {
        for (int i = 0; i < OFTEN; i++) {
            String body = String.format("number%04d", i);
            assertThat(isOk(ask(routes, post("Content-Length: 10\r\n", body)), body))
                    .isTrue();
            assertThat(ask(routes, post("Content-Length: 10\r\nHost: again\r\n", body)))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(ask(routes, post("Content-Length: 10000000\r\n", body))).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void bodiesOfPipelinedRequestsStayWithTheirHeads() {
        StringBuilder all = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (int i = 0; i < OFTEN; i++) {
            String body = String.format("number%04d", i);
            all.append(post("Content-Length: 10\r\n", body)).append(post("Content-Length: 3\r\n", "odd"));
            bodies.append(body).append("odd");
        }

        String answers = ask(routes, all.toString());

        assertThat(answers.replaceAll("(?s)HTTP/1.1 200 OK.*?\r\n\r\n", "")).isEqualTo(bodies.toString());
    }

    @Test
    void aRequestWithABodyThatArrivesInPiecesGetsAResponse() {
        String request = post("Content-Length: 4\r\n", "body");
        for (int i = 0; i < OFTEN; i++) {
            ask(routes, request);
        }
        EmbeddedChannel channel = connect(routes);
        for (int at = 1; at < request.length(); at++) {
            write(channel, request.substring(0, at));
            write(channel, request.substring(at) + request);
            assertThat(read(channel).replaceAll("(?s)HTTP/1.1 200 OK.*?\r\n\r\n", ""))
                    .as("cut at %d", at)
                    .isEqualTo("bodybody");
        }
        channel.finishAndReleaseAll();
    }

    /** Netty represents such a request as one object, which is both the head and the end. */
    @Test
    void aRequestLineThatIsTooLongIsRefusedWithoutAFault() {
        RequestDecoder decoder = new RequestDecoder(routes);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        decoder.holdBy(Holding.ofInput(channel, new Unbounded()));
        write(channel, "GET /" + "x".repeat(routes.http().maxRequestLine()) + " HTTP/1.1\r\n\r\n");

        HttpRequest refused = channel.readInbound();
        assertThat(refused.decoderResult().isFailure()).isTrue();
        channel.finishAndReleaseAll();
    }

    /** Every request gets its own 100 response, although the head is known. */
    @Test
    void aRequestThatExpects100ContinueGetsItEachTime() {
        for (int i = 0; i < OFTEN; i++) {
            EmbeddedChannel channel = connect(routes);
            write(channel, post("Content-Length: 4\r\nExpect: 100-continue\r\n", ""));
            assertThat(read(channel)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            write(channel, "body");
            assertThat(isOk(read(channel), "body")).isTrue();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void headersOfAConnectionAreDecodedOnlyTwiceHoweverTheRequestLineChanges() {
        EmbeddedChannel channel = connect(routes);
        for (int i = 0; i < OFTEN; i++) {
            write(channel, get("n" + i, "Cookie: a\r\nAgent: x\r\n"));
            assertThat(isOk(read(channel), "n" + i)).isTrue();
        }
        channel.finishAndReleaseAll();

        assertThat(names.agents).hasSize(OFTEN).containsOnly("x");
        HttpHeaders second = names.headers.get(1);
        assertThat(names.headers.get(0)).isNotSameAs(second);
        assertThat(names.headers.subList(2, OFTEN)).allMatch(later -> later == second);
    }

    @Test
    void requestLinesAreKnownToAllConnectionsAndCookiesToOne() {
        List<EmbeddedChannel> channels = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            EmbeddedChannel channel = connect(routes);
            channels.add(channel);
            String cookie = "Cookie: " + i + "\r\nAgent: " + i + "\r\n";
            write(channel, get("first", cookie));
            write(channel, get("second", cookie));
            read(channel);
        }
        names.parsed = 0;
        names.agents.clear();
        for (int i = 0; i < 9; i++) {
            write(channels.get(i), get("third", "Cookie: " + i + "\r\nAgent: " + i + "\r\n"));
            assertThat(isOk(read(channels.get(i)), "third")).isTrue();
        }
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);

        assertThat(names.parsed).isEqualTo(1);
        assertThat(names.agents).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8");
    }

    @Test
    void connectionsShareEqualHeadersUnlessTheyContainASecret() {
        assertThat(headersOfAFirstRequestAfterOthersWith("Accept: x\r\n")).isTrue();
        assertThat(headersOfAFirstRequestAfterOthersWith("Accept: x\r\nCookie: a\r\n"))
                .isFalse();
        assertThat(headersOfAFirstRequestAfterOthersWith("Authorization: a\r\n"))
                .isFalse();
        assertThat(headersOfAFirstRequestAfterOthersWith("Proxy-Authorization: a\r\n"))
                .isFalse();
        assertThat(headersOfAFirstRequestAfterOthersWith("Sec-WebSocket-Protocol: bearer.a\r\n"))
                .isFalse();
    }

    /** Returns whether the first request of a connection has the headers object of another connection. */
    private boolean headersOfAFirstRequestAfterOthersWith(String headers) {
        names.headers.clear();
        EmbeddedChannel channel = connect(routes);
        for (int i = 0; i < OFTEN; i++) {
            write(channel, get("a", headers));
        }
        ask(routes, get("a", headers));
        channel.finishAndReleaseAll();
        assertThat(names.headers).hasSize(OFTEN + 1);
        assertThat(names.headers.get(OFTEN - 2)).isSameAs(names.headers.get(OFTEN - 1));
        return names.headers.get(OFTEN) == names.headers.get(OFTEN - 1);
    }

    @Test
    void largeHeadersAndManyHeadersAreDecodedEachTime() {
        for (String headers : List.of(
                "Cookie: " + "x".repeat(KnownHeaders.MAX_BYTES) + "\r\n",
                "A: b\r\n".repeat(KnownHeaders.MAX_HEADERS))) {
            names.headers.clear();
            EmbeddedChannel channel = connect(routes);
            for (int i = 0; i < OFTEN; i++) {
                write(channel, get("a", headers));
                assertThat(isOk(read(channel), "a")).isTrue();
            }
            channel.finishAndReleaseAll();

            Set<HttpHeaders> decoded = Collections.newSetFromMap(new IdentityHashMap<>());
            decoded.addAll(names.headers);
            assertThat(decoded.size()).isEqualTo(OFTEN);
        }
    }

    @Test
    void connectionsKeepNoHeadersWhileThereIsNoRoomForThem() {
        RequestCache cache = RequestCache.current();
        List<KnownHeaders> kept = new ArrayList<>();
        while (cache.hasRoom()) {
            KnownHeaders headers = known("Host: here\r\n\r\n");
            assertThat(cache.retain(headers)).isTrue();
            kept.add(headers);
        }

        assertThat(knowsTheHeadersOfAConnection()).isFalse();
        kept.forEach(cache::release);
        assertThat(knowsTheHeadersOfAConnection()).isTrue();
    }

    @Test
    void aClosedConnectionGivesItsRoomBack() {
        RequestCache cache = RequestCache.current();
        KnownHeaders last = known("Host: here\r\n\r\n");
        List<KnownHeaders> kept = new ArrayList<>();
        long room = RequestCache.MAX_KEPT;
        for (; room > last.memory(); room -= last.memory()) {
            KnownHeaders headers = known("Host: here\r\n\r\n");
            assertThat(cache.retain(headers)).isTrue();
            kept.add(headers);
        }

        for (int i = 0; i < OFTEN; i++) {
            assertThat(knowsTheHeadersOfAConnection()).isTrue();
        }
        assertThat(cache.retain(last)).isTrue();
        assertThat(cache.hasRoom()).isFalse();
    }

    /** Headers that two connections keep use their memory once. */
    @Test
    void headersTakeRoomUntilTheLastConnectionForgetsThem() {
        RequestCache cache = RequestCache.current();
        KnownHeaders headers = known("Host: here\r\n\r\n");
        for (long i = 0; i <= RequestCache.MAX_KEPT / headers.memory(); i++) {
            assertThat(cache.retain(headers)).isTrue();
        }
        assertThat(cache.hasRoom()).isTrue();
    }

    private boolean knowsTheHeadersOfAConnection() {
        names.headers.clear();
        EmbeddedChannel channel = connect(routes);
        for (int i = 0; i < 3; i++) {
            write(channel, get("a", "Cookie: a\r\n"));
            assertThat(isOk(read(channel), "a")).isTrue();
        }
        channel.finishAndReleaseAll();
        return names.headers.get(1) == names.headers.get(2);
    }

    private KnownHeaders known(String lines) {
        ByteBuf in = Unpooled.copiedBuffer(lines, StandardCharsets.US_ASCII);
        in.readerIndex(in.writerIndex());
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/name");
        return Objects.requireNonNull(KnownHeaders.of(in, 0, routes, request, 0));
    }

    private static String post(String headers, String body) {
        return "POST /echo HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n" + body;
    }

    private static String get(String name, String headers) {
        return "GET /name?is=" + name + " HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n";
    }

    private static boolean isOk(String answer, String body) {
        return answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\n" + body);
    }

    private static String ask(Routes routes, String request) {
        EmbeddedChannel channel = connect(routes);
        write(channel, request);
        String answer = read(channel);
        channel.finishAndReleaseAll();
        return answer;
    }

    private static EmbeddedChannel connect(Routes routes) {
        EmbeddedChannel channel = new EmbeddedChannel();
        routes.addHttpTo(channel.pipeline());
        return channel;
    }

    private static void write(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
    }

    private static String read(EmbeddedChannel channel) {
        channel.runPendingTasks();
        StringBuilder all = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return all.toString();
    }

    /** The holder of a connection without a server, and so without a budget. */
    private static final class Unbounded implements Holder {
        @Override
        public long held() {
            return 0;
        }

        @Override
        public void giveUp() {
            throw new AssertionError("no budget is used up");
        }
    }
}
