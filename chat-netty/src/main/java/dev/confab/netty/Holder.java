package dev.confab.netty;

/** A connection's handler that may hold memory. Called on the connection's event loop. */
public interface Holder {
    /** The number of bytes that this handler holds now; 0 when its connection is closed. */
    long held();

    /**
     * Releases the memory and ends the connection. Called when the server's budget is used up and this connection has
     * held its part the longest.
     */
    void giveUp();
}
