package dev.confab.websocket;

import io.netty.buffer.ByteBuf;

/** Who is told what happens on a {@link Socket}, on its event loop. */
interface SocketListener {
    /**
     * A whole message.
     *
     * @param payload stays the socket's; UTF-8 when it is text
     */
    void message(ByteBuf payload, boolean isText);

    /** The channel takes more again, or no more. */
    void writabilityChanged();

    /** Nothing is sent or received from here on; called once, and none of the other methods after it but {@link #gone}. */
    void closed(Ending ending);

    /** The channel is closed; the last call. */
    void gone();

    /** Which side ended it. */
    enum Ending {
        /** The client, with a close frame. */
        BY_CLIENT,
        /** This side, with a close frame. */
        BY_SERVER,
        /** The connection broke; or the client closed it with 4000 to 4499, and comes back, over another transport perhaps. */
        DROPPED
    }
}
