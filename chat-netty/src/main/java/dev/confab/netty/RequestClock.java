package dev.confab.netty;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Limits the time that a connection may spend in one phase. A change of phase is cheap, usually only two stores to
 * memory: the timer is not moved to a later time. If the timer expires before the deadline of the current phase, it
 * runs again for the remaining time. Confined to the event loop.
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
    private final HttpConfig config;
    private Phase phase = Phase.BUSY;
    private boolean isLimited;
    private long due;
    private @Nullable Timeout deadline;
    private long armedFor;

    RequestClock(HttpConnection connection, HttpConfig config) {
        this.connection = connection;
        this.config = config;
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

    /** Starts the time of the current phase again. */
    void restart() {
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
        EventLoop loop = connection.channel().eventLoop();
        armedFor = due;
        deadline = TimerWheel.of(loop).in(millis, this::look);
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
            connection.expire(phase);
        }
    }
}
