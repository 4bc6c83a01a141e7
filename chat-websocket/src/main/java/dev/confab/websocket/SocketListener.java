package dev.confab.websocket;

import io.netty.buffer.ByteBuf;

/** Receives the events of a {@link Socket}, on its event loop. */
interface SocketListener {
    /**
     * Called for each complete message.
     *
     * @param payload is released by the socket; valid UTF-8 if the message is text
     */
    void message(ByteBuf payload, boolean isText);

    /** Called when the writability of the channel has changed. */
    void writabilityChanged();

    /**
     * Called once, when the socket no longer sends or receives messages. This is the last call. The channel may stay
     * open for the rest of the closing handshake.
     */
    void closed(Ending ending);

    /** The cause of the end of a connection. */
    enum Ending {
        /** The client sent a close frame. */
        BY_CLIENT,
        /** This side sent a close frame. */
        BY_SERVER,
        /**
         * The connection broke, or the client closed it with a code from 4000 to 4499 and will come back, perhaps over
         * another transport.
         */
        DROPPED
    }
}
