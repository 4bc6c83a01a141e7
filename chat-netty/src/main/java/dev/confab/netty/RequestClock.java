package dev.confab.netty;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection may stay in what it is doing. Changing that is two stores to memory: the deadline stays where it is and
 * looks, when it comes, whether it is still meant. Confined to the event loop.
 */
final class RequestClock {
    /** What a connection is doing. */
    enum Phase {
        /** Nothing came yet. */
        FRESH,
        /** Between two requests. */
        IDLE,
        /** A part of a head came. */
        HEAD,
        /** The head came, and not all of the body. */
        BODY,
        /** A request is being answered; that takes as long as it takes. */
        BUSY,
        /** The answer goes out, at the speed at which the client takes it. */
        WRITING,
        /** The last answer is out; what still comes in is thrown away. */
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

    /** The phase has its whole time again. */
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
