package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A request with a browser's headers, from its bytes to the bytes of its empty response, without a socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestBenchmark {
    /** More than the request lines that an event loop keeps. */
    private static final int REQUESTS = 16 * RequestCache.LINES;

    /** The parts of the head that were received before. */
    public enum Known {
        LINE_AND_HEADERS,
        HEADERS,
        NOTHING
    }

    @Param
    Known known;

    private final ByteBuf[] requests = new ByteBuf[REQUESTS];
    private EmbeddedChannel channel;
    private int next;

    private static final class Nothing implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/messages";
        }

        @Override
        public void handle(Exchange exchange) {
            exchange.answer(Response.of(HttpResponseStatus.NO_CONTENT));
        }
    }

    @Setup(Level.Trial)
    public void open() {
        for (int i = 0; i < REQUESTS; i++) {
            int line = known == Known.LINE_AND_HEADERS ? 0 : i;
            int cookie = known == Known.NOTHING ? i : 0;
            requests[i] = Unpooled.directBuffer().writeBytes(request(line, cookie).getBytes(StandardCharsets.US_ASCII));
        }
        channel = new EmbeddedChannel();
        Routes.of(new Nothing()).addHttpTo(channel.pipeline());
    }

    @TearDown(Level.Trial)
    public void close() {
        channel.finishAndReleaseAll();
        for (ByteBuf request : requests) {
            request.release();
        }
    }

    @Benchmark
    public int respond() {
        channel.writeInbound(requests[next].retainedDuplicate());
        next = (next + 1) % REQUESTS;
        ByteBuf response = channel.readOutbound();
        int length = response.readableBytes();
        response.release();
        return length;
    }

    private static String request(int line, int cookie) {
        return String.format(
                """
                GET /messages?room=lobby&wait=30&after=01KB4Z0000000000000000%04d HTTP/1.1
                Host: chat.example
                Connection: keep-alive
                sec-ch-ua-platform: "Linux"
                User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
                sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"
                sec-ch-ua-mobile: ?0
                Accept: */*
                Sec-Fetch-Site: same-origin
                Sec-Fetch-Mode: cors
                Sec-Fetch-Dest: empty
                Referer: http://chat.example/
                Accept-Encoding: gzip, deflate, br, zstd
                Accept-Language: en-US,en;q=0.9
                Cookie: session=6f1d2c3b4a59687%04d; theme=dark

                """
                        .replace("\n", "\r\n"),
                line,
                cookie);
    }
}
