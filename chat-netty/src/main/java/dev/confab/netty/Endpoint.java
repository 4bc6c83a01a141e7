package dev.confab.netty;

import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One method of one path. An endpoint has no state apart from the resources that it serves: one object is shared by all
 * connections and called on all event loops.
 */
public interface Endpoint {
    /** The method that the endpoint serves. A path responds with 405 to a method that none of its endpoints serves. */
    HttpMethod method();

    /** The path below the prefix, such as {@code /messages}. */
    String path();

    /**
     * Whether the endpoint also serves HEAD. A HEAD request is handled as a GET, but only the head of the response is
     * sent. An endpoint that waits or streams checks {@link Exchange#isHeadRequest()}, and responds to a HEAD request
     * at once.
     */
    default boolean servesHead() {
        return false;
    }

    /**
     * Whether pages of other origins are rejected, unless these origins are {@linkplain Routes#allowing allowed}, and
     * whether clients must authenticate if the routes have an {@link Access}. False for a resource that is the same for
     * all clients and that anybody may link to, such as a page. Both apply to the path: a guarded endpoint guards the
     * endpoints of the same path with other methods too.
     */
    default boolean isGuarded() {
        return true;
    }

    /**
     * Whether a client without a token may reach the endpoint, because the endpoint's protocol has another place for a
     * token. Until then, the endpoint must do nothing for the client: its {@linkplain Exchange#identity() identity} is
     * not {@linkplain Identity#isKnown() known}. Asked only if {@link AccessConfig#firstFrame()} permits this.
     */
    default boolean takesTokenLater() {
        return false;
    }

    /**
     * Handles a request whose body has arrived. Called on the connection's event loop, so this method must not block.
     * An exception that it throws is handled as by {@link Exchange#fail}.
     *
     * @param exchange the exchange to respond to, now or later, on the same event loop
     */
    void handle(Exchange exchange);

    /** Returns the readers of this endpoint; null when it has none. Called on any thread; must not block. */
    default @Nullable ReaderStats readerStats() {
        return null;
    }

    /**
     * Announces that the server will shut down soon. The endpoint serves as before until {@link #drain}. Called once,
     * on any thread.
     */
    default void announceDrain() {}

    /**
     * Shuts the endpoint down with the server: it accepts no more work, and ends its parked requests and streams.
     * Called once, on any thread; must not block.
     *
     * @param time the time after which the remaining connections are cut
     * @return completes when all parked requests and streams have ended
     */
    default CompletionStage<Void> drain(Duration time) {
        return CompletableFuture.completedFuture(null);
    }
}
