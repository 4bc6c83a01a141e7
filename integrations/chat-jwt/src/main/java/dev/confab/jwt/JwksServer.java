package dev.confab.jwt;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jose4j.lang.JoseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a JSON Web Key Set from its server. Follows no redirects. Thread-safe, and never blocks the caller. */
final class JwksServer implements Supplier<CompletableFuture<KeySet>> {
    /** The time for connecting, and for the whole response. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** The longest key set that is read, in bytes. */
    static final int MAX_BYTES = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(JwksServer.class);
    private static final int OK = 200;

    private final URI url;
    private final Duration timeout;
    private final Executor executor;
    private final HttpClient client;

    JwksServer(URI url, Duration timeout, Executor executor) {
        this.url = url;
        this.timeout = timeout;
        this.executor = executor;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .executor(executor)
                .build();
    }

    @Override
    public CompletableFuture<KeySet> get() {
        CompletableFuture<KeySet> result = new CompletableFuture<>();
        // On the own thread, because the client looks up the address of the server there.
        executor.execute(() -> send(result));
        return result.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).exceptionallyCompose(failure -> {
            LOG.warn("The keys for tokens cannot be read from {}: {}", url.getHost(), failure.toString());
            return CompletableFuture.failedFuture(Jwks.unavailable());
        });
    }

    private void send(CompletableFuture<KeySet> result) {
        try {
            HttpRequest request = HttpRequest.newBuilder(url)
                    .header("accept", "application/jwk-set+json, application/json")
                    .build();
            CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, JwksServer::body);
            exchange.whenComplete((response, failure) -> complete(result, response, failure));
            // The client's own timeout ends with the headers, so the exchange is cancelled when the whole takes too
            // long.
            result.whenComplete((keys, failure) -> exchange.cancel(true));
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private static BodySubscriber<byte[]> body(HttpResponse.ResponseInfo head) {
        return new LimitedBody(MAX_BYTES);
    }

    private static void complete(CompletableFuture<KeySet> result, HttpResponse<byte[]> response, Throwable failure) {
        if (failure != null) {
            result.completeExceptionally(failure);
            return;
        }
        if (response.statusCode() != OK) {
            result.completeExceptionally(new IOException("Status " + response.statusCode()));
            return;
        }
        try {
            result.complete(KeySet.parse(new String(response.body(), StandardCharsets.UTF_8)));
        } catch (JoseException | RuntimeException e) {
            result.completeExceptionally(new IOException("The body is not a JSON Web Key Set", e));
        }
    }
}
