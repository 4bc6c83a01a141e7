package dev.confab.example;

import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Lets an endpoint handle only the requests that have a token, and responds to all others with 403. */
final class TokenGuard implements Endpoint {
    private final Endpoint guarded;
    private final byte[] expected;

    TokenGuard(Endpoint guarded, String token) {
        this.guarded = guarded;
        this.expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void handle(Exchange exchange) {
        String given = exchange.request().headers().get(HttpHeaderNames.AUTHORIZATION, "");
        if (MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected)) {
            guarded.handle(exchange);
        } else {
            exchange.answer(Response.of(HttpResponseStatus.FORBIDDEN));
        }
    }

    @Override
    public HttpMethod method() {
        return guarded.method();
    }

    @Override
    public String path() {
        return guarded.path();
    }

    @Override
    public boolean servesHead() {
        return guarded.servesHead();
    }

    @Override
    public boolean isGuarded() {
        return guarded.isGuarded();
    }

    @Override
    public void announceDrain() {
        guarded.announceDrain();
    }

    @Override
    public CompletionStage<Void> drain(Duration time) {
        return guarded.drain(time);
    }
}
