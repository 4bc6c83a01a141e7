package dev.confab.netty;

/** A connection's handler that may hold memory. Called on the connection's event loop. */
public interface Holder {
    /** The number of bytes that it holds now; 0 for a connection that is closed. */
    long held();

    /** Releases the memory and ends the connection: the server's budget is used up, and it has held its part the longest. */
    void giveUp();
}
