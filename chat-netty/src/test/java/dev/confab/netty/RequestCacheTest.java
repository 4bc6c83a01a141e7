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
import java.util.List;
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
            agents.add(exchange.request().headers().get("agent"));
            String name = exchange.parsed(String.class, asked -> {
                parsed++;
                return asked.query().first("is");
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
