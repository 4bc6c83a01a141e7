package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Knows the phase of a connection, and limits the time that the connection may spend in it. A change of phase is cheap,
 * usually only two stores to memory: the timer is not moved to a later time. If the timer expires before the deadline
 * of the current phase, it runs again for the remaining time. Confined to the event loop.
 */
final class RequestClock {
    /** The phase of a connection. */
    enum Phase {
        /** The connection has received no bytes yet. */
        FRESH,
        /** The connection is between two requests. */
        IDLE,
        /** A part of a request's head has arrived. */
        HEAD,
        /** The head has arrived, but not all of the body. */
        BODY,
        /** A request is being handled. This phase has no time limit. */
        BUSY,
        /** The response is being sent, at the speed at which the client takes it. */
        WRITING,
        /** The last response has been sent. Further input is discarded. */
        LINGERING
    }

    private static final long LINGER_MILLIS = 2_000;

    private final HttpConnection connection;
    private final Routes routes;
    private final @Nullable RequestDecoder decoder;
    private final IncomingRequest incoming;
    private final ResponseWriter writer;
    private Phase phase = Phase.BUSY;
    private boolean isLimited;
    private long due;
    private @Nullable Timeout deadline;
    private long armedFor;

    /** @param decoder null behind a foreign decoder, which limits the time between requests itself */
    RequestClock(
            HttpConnection connection,
            Routes routes,
            @Nullable RequestDecoder decoder,
            IncomingRequest incoming,
            ResponseWriter writer) {
        this.connection = connection;
        this.routes = routes;
        this.decoder = decoder;
        this.incoming = incoming;
        this.writer = writer;
    }

    Phase phase() {
        return phase;
    }

    void enter(Phase next) {
        if (next == phase) {
            return;
        }
        boolean goesOn = phase == Phase.FRESH && next == Phase.HEAD;
        phase = next;
        if (!goesOn) {
            restart();
        }
    }

    /** Enters the phase that matches the current state of the connection. */
    void settle() {
        if (connection.isHandling() || phase == Phase.LINGERING || !channel().isActive()) {
            return;
        }
        if (writer.isLast() || !channel().isWritable()) {
            awaitClient();
        } else if (incoming.isBegun()) {
            enter(Phase.BODY);
        } else if (decoder != null && decoder.isMidHead()) {
            enter(Phase.HEAD);
        } else if (decoder != null && phase != Phase.FRESH) {
            enter(Phase.IDLE);
            if (routes.isDraining()) {
                writer.setLast();
                writer.finish().addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    /** Limits the time until the client takes some of the written data. */
    void awaitClient() {
        if (phase != Phase.WRITING) {
            writer.advances();
            enter(Phase.WRITING);
        }
    }

    /** Ends the output after the last response, and closes the connection a short time later. */
    void linger() {
        if (channel().isActive()) {
            enter(Phase.LINGERING);
            OutputEnd.shutDown((DuplexChannel) channel());
        }
    }

    boolean isBetweenRequests() {
        return phase == Phase.FRESH || phase == Phase.IDLE;
    }

    void closeBetweenRequests() {
        if (isBetweenRequests()) {
            channel().close();
        }
    }

    private void restart() {
        long millis = limit();
        isLimited = millis > 0;
        if (isLimited) {
            due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            if (deadline == null || armedFor - due > 0) {
                arm(millis);
            }
        }
    }

    void stop() {
        isLimited = false;
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    private long limit() {
        HttpConfig config = routes.http();
        return switch (phase) {
            case FRESH, HEAD -> config.headerTimeout().toMillis();
            case BODY -> config.bodyTimeout().toMillis();
            case IDLE, WRITING -> config.idleTimeout().toMillis();
            case LINGERING -> LINGER_MILLIS;
            case BUSY -> 0;
        };
    }

    private void arm(long millis) {
        if (deadline != null) {
            deadline.cancel();
        }
        armedFor = due;
        deadline = TimerWheel.of(channel().eventLoop()).in(millis, this::look);
    }

    private void look() {
        deadline = null;
        if (!isLimited) {
            return;
        }
        long left = due - System.nanoTime();
        if (left > 0) {
            arm(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        } else {
            isLimited = false;
            expire();
        }
    }

    private void expire() {
        switch (phase) {
            case FRESH, HEAD, BODY -> {
                CloseCause.TIMEOUT.markOn(channel());
                connection.refuse(Problem.of(HttpReason.REQUEST_TIMEOUT, null, "The request did not arrive in time"));
            }
            case WRITING -> {
                if (writer.advances()) {
                    restart();
                } else {
                    CloseCause.SLOW.markOn(channel());
                    channel().close();
                }
            }
            case IDLE -> {
                CloseCause.IDLE.markOn(channel());
                channel().close();
            }
            case LINGERING -> channel().close();
            case BUSY -> throw new IllegalStateException("phase: BUSY (expected: a phase with a time limit)");
        }
    }

    private Channel channel() {
        return connection.channel();
    }
}
