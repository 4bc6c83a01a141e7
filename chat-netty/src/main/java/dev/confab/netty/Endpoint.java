package dev.confab.netty;

import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One method of one path. Stateless but for what it serves: one object is shared by all connections, and called on all event
 * loops.
 */
public interface Endpoint {
    /** The method; what it is not for is answered 405. */
    HttpMethod method();

    /** Its path below the prefix, such as {@code /messages}. */
    String path();

    /**
     * Whether a HEAD is handled, too: as a GET, of whose answer only the head is sent. An endpoint that waits or streams looks at
     * {@link Exchange#isHeadRequest()}, and then answers at once.
     */
    default boolean servesHead() {
        return false;
    }

    /**
     * Whether pages of other origins are kept from it, unless they are {@linkplain Routes#allowing allowed}. False for what is
     * the same for all and that anybody may link to, such as a page. It holds for the path: an endpoint that is guarded
     * guards those of other methods too.
     */
    default boolean isGuarded() {
        return true;
    }

    /**
     * Handles a request whose body has arrived. Called on the connection's event loop: does not block. What it throws is
     * answered as by {@link Exchange#fail}.
     *
     * @param exchange to be answered, now or later, on the same event loop
     */
    void handle(Exchange exchange);

    /** The server will go down soon, and serves as before until {@link #drain}. Called once, on any thread. */
    default void announceDrain() {}

    /**
     * The server goes down: take nothing more, end what is parked or streaming. Called once, on any thread; does not block.
     *
     * @param time after which the connections that are left are cut
     * @return completes when all is ended
     */
    default CompletionStage<Void> drain(Duration time) {
        return CompletableFuture.completedFuture(null);
    }
}
