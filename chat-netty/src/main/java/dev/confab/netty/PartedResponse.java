package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * A response that is written in parts: the next part when it is this response's turn and the client can take more data.
 * Confined to the event loop.
 */
final class PartedResponse {
    private final HttpConnection connection;
    private final ResponseWriter writer;
    private final RequestClock clock;
    private final Runnable writesPart;
    private boolean awaitsTurn;
    private boolean hasBegun;
    private boolean hasEnded;

    /** @param writesPart calls {@link #write} with the next part, and {@link #end} after the last part */
    PartedResponse(HttpConnection connection, ResponseWriter writer, RequestClock clock, Runnable writesPart) {
        this.connection = connection;
        this.writer = writer;
        this.clock = clock;
        this.writesPart = writesPart;
    }

    void awaitTurn() {
        if (!awaitsTurn) {
            awaitsTurn = true;
            PartTurns.of(channel().eventLoop()).add(this);
        }
    }

    /**
     * Writes the next part. Called when it is this response's turn. Meanwhile the response may have ended, or the
     * client may have stopped reading.
     */
    void takeTurn() {
        awaitsTurn = false;
        if (hasEnded || !channel().isWritable()) {
            return;
        }
        try {
            writesPart.run();
        } catch (RuntimeException e) {
            connection.fail(e);
        }
    }

    /** Returns whether a part was written. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** @param part is written and flushed, and released here */
    void write(ByteBuf part) {
        hasBegun = true;
        writer.part(part);
        if (channel().isWritable()) {
            awaitTurn();
        } else {
            clock.awaitClient();
        }
    }

    /** Completes the response. */
    void end() {
        hasEnded = true;
        writer.end();
        connection.partsWritten();
    }

    /** Makes the turns that are left do nothing. Called when the client is gone. */
    void cancel() {
        hasEnded = true;
    }

    private Channel channel() {
        return connection.channel();
    }
}
