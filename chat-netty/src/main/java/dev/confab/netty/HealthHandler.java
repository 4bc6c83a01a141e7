package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.Health;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /health}, for a load balancer. Responds with 200 when a publish to this node would be stored, otherwise
 * with 503 and the {@linkplain Health#code() code} of the reason. Announces a drain before the server rejects any
 * request. Safe for any thread.
 */
public final class HealthHandler implements Endpoint {
    /** The time after which a store that has not responded counts as unreachable. */
    private static final long PATIENCE_MILLIS = 2_000;

    private final ChatService chat;
    private final String path;
    private volatile boolean draining;

    /** The pending health check of the store. Requests that arrive meanwhile share its result. */
    private @Nullable CompletableFuture<Health> probe;

    /** @param chat is not closed by this handler */
    public HealthHandler(ChatService chat) {
        this(chat, "/health");
    }

    /**
     * Creates a handler for another path.
     *
     * @param path the path below the prefix of the routes
     */
    public HealthHandler(ChatService chat, String path) {
        this.chat = chat;
        this.path = path;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    /**
     * Not guarded: a load balancer or a status page of any origin may ask, and the response discloses only the status.
     */
    @Override
    public boolean isGuarded() {
        return false;
    }

    @Override
    public void announceDrain() {
        draining = true;
    }

    @Override
    public void handle(Exchange exchange) {
        if (isDraining()) {
            answer(exchange, Health.UNREACHABLE);
            return;
        }
        exchange.park();
        Timeout deadline = TimerWheel.of(exchange.channel().eventLoop())
                .in(PATIENCE_MILLIS, () -> answer(exchange, Health.UNREACHABLE));
        exchange.onGone(deadline::cancel);
        exchange.then(probe().exceptionally(failure -> Health.UNREACHABLE), health -> {
            if (exchange.isOpen()) {
                deadline.cancel();
                answer(exchange, health);
            }
        });
    }

    private synchronized CompletableFuture<Health> probe() {
        CompletableFuture<Health> known = probe;
        if (known == null || known.isDone()) {
            known = chat.health();
            probe = known;
        }
        return known;
    }

    private boolean isDraining() {
        return draining || !chat.isOpen();
    }

    private void answer(Exchange exchange, Health health) {
        boolean isDraining = isDraining();
        boolean isHealthy = health == Health.OK;
        String status = isDraining ? "draining" : isHealthy ? "ok" : "unavailable";
        String code = isDraining || isHealthy ? "" : ",\"code\":\"" + health.code() + "\"";
        byte[] json = ("{\"status\":\"" + status + "\"" + code + "}").getBytes(StandardCharsets.US_ASCII);
        if (isHealthy && !isDraining) {
            exchange.answer(Response.json(HttpResponseStatus.OK, Unpooled.wrappedBuffer(json)));
        } else {
            exchange.answer(Response.json(HttpResponseStatus.SERVICE_UNAVAILABLE, Unpooled.wrappedBuffer(json))
                    .with(HttpHeaderNames.RETRY_AFTER, "1"));
        }
    }
}
