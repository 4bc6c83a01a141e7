package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/** The cause of the end of a connection. */
public enum CloseCause {
    /** The client closed or lost the connection, or the last response was sent. */
    NORMAL,
    /** No further request came within {@link HttpConfig#idleTimeout}. */
    IDLE,
    /** A request did not arrive in time. */
    TIMEOUT,
    /** The client took none of the data that was sent to it. */
    SLOW,
    /** A WebSocket client did not respond to pings. */
    SILENT,
    /** The input violates the protocol or a limit of it, or the client may not read, or not any more. */
    REJECTED,
    /** The connection held memory, and a budget of the server was used up. */
    OVERLOADED,
    /** The server was shutting down. */
    DRAINING,
    /** The server failed. The log has the details. */
    FAULT;

    private static final AttributeKey<CloseCause> KEY = AttributeKey.valueOf(CloseCause.class, "cause");

    /**
     * Records that a connection ends for this cause. The first cause of a connection counts. To be called before the
     * channel is closed, on any thread.
     */
    public void markOn(Channel channel) {
        channel.attr(KEY).setIfAbsent(this);
    }

    /** Returns the cause that was recorded, or {@link #NORMAL}. */
    static CloseCause of(Channel channel) {
        CloseCause cause = channel.attr(KEY).get();
        return cause == null ? NORMAL : cause;
    }
}
