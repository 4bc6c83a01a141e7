package dev.confab.demo;

import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/**
 * {@code GET /health/live}, for a supervisor that restarts a process without a response. Always responds with 200, also
 * while the database cannot be reached, because a restart would not help then.
 */
final class LiveHandler implements Endpoint {
    private static final byte[] OK = "{\"status\":\"ok\"}".getBytes(StandardCharsets.US_ASCII);

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/health/live";
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    @Override
    public boolean isGuarded() {
        return false;
    }

    @Override
    public void handle(Exchange exchange) {
        exchange.answer(Response.json(HttpResponseStatus.OK, Unpooled.wrappedBuffer(OK)));
    }
}
