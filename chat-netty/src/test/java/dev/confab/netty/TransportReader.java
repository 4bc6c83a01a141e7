package dev.confab.netty;

/** A client of one transport, for {@link TransportContract}. For use by one thread. */
public interface TransportReader extends AutoCloseable {
    /**
     * Waits for the next entry or gap, and reads no further ahead than the transport has to.
     *
     * @return the JSON object of an entry or a gap, without other parts of the protocol; null once the server has ended
     *     the connection, and on every later call
     * @throws AssertionError when nothing arrives within {@link RawHttp#PATIENCE}
     */
    String next();

    /** Disconnects without notice, even in the middle of received data. */
    @Override
    void close();
}
