package dev.confab.netty;

/**
 * Learns what happens in a {@link ChatServer}, for example in order to measure it. Give the listener to
 * {@link ChatServerConfig#withListener}. Every method does nothing by default.
 *
 * <p>The server calls the methods on its event loops, and possibly several at once. So a method is fast and never
 * blocks. An exception is logged, and changes nothing else. No method is called for each entry or each reader:
 * {@link Routes#readerStats()} has the numbers that change all the time.
 */
public interface ServerListener {
    /** Ignores all events. */
    ServerListener NONE = new ServerListener() {};

    /** The server has accepted a connection. */
    default void connectionOpened() {}

    /** A connection that the server had accepted is closed. */
    default void connectionClosed(CloseCause cause) {}

    /** A limit was reached. A connection was refused, or is closed in order to free memory. */
    default void limitReached(Bound bound) {}

    /** A limit of a server. */
    enum Bound {
        /** {@link ChatServerConfig#maxConnections}. */
        CONNECTIONS,
        /** {@link ChatServerConfig#inputBudget}. */
        INPUT,
        /** {@link ChatServerConfig#outputBudget}. */
        OUTPUT
    }
}
