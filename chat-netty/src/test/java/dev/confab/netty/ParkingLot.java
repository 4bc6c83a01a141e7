package dev.confab.netty;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@code GET /park}: keeps each request until the test sends its response. Thread-safe. */
final class ParkingLot implements Endpoint {
    private final BlockingQueue<Exchange> parked = new LinkedBlockingQueue<>();
    private final BlockingQueue<Exchange> gone = new LinkedBlockingQueue<>();

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/park";
    }

    @Override
    public void handle(Exchange exchange) {
        exchange.park();
        exchange.onGone(() -> gone.add(exchange));
        parked.add(exchange);
    }

    /** Waits for the next parked exchange. */
    Exchange next() throws InterruptedException {
        return take(parked);
    }

    /** Waits for the next exchange whose client has disconnected. */
    Exchange nextGone() throws InterruptedException {
        return take(gone);
    }

    boolean isEmpty() {
        return parked.isEmpty();
    }

    /** Responds with status 202. */
    static void release(Exchange exchange) {
        exchange.channel().eventLoop().execute(() -> exchange.answer(Response.of(HttpResponseStatus.ACCEPTED)));
    }

    private static Exchange take(BlockingQueue<Exchange> queue) throws InterruptedException {
        Exchange exchange = queue.poll(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (exchange == null) {
            throw new AssertionError("Nobody came");
        }
        return exchange;
    }
}
