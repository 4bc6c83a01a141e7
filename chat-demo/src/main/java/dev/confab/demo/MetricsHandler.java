package dev.confab.demo;

import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** {@code GET /metrics}: all meters in the text format of Prometheus. The event loops do not wait for a scrape. */
final class MetricsHandler implements Endpoint {
    private static final AsciiString TEXT = AsciiString.cached("text/plain; version=0.0.4; charset=utf-8");

    private final PrometheusMeterRegistry registry;

    /** The scrape that is running. Requests that arrive meanwhile share its result. */
    private @Nullable CompletableFuture<byte[]> scrape;

    MetricsHandler(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/metrics";
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        exchange.park();
        exchange.then(
                scrape(),
                text -> exchange.answer(Response.of(HttpResponseStatus.OK, TEXT, Unpooled.wrappedBuffer(text))));
    }

    private synchronized CompletableFuture<byte[]> scrape() {
        CompletableFuture<byte[]> running = scrape;
        if (running == null || running.isDone()) {
            running = CompletableFuture.supplyAsync(() -> registry.scrape().getBytes(StandardCharsets.UTF_8));
            scrape = running;
        }
        return running;
    }
}
