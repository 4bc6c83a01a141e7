package dev.confab.netty;

/** A client of one transport, as {@link TransportContract} needs it. For one thread. */
public interface TransportReader extends AutoCloseable {
    /**
     * Waits for what comes next, reading no further ahead than the transport has to.
     *
     * @return the JSON object of an entry or a gap, without any other frame of the protocol; null when the server has ended it,
     *     and each time after that
     * @throws AssertionError when nothing comes for {@link RawHttp#PATIENCE}
     */
    String next();

    /** Goes away without a goodbye, in the middle of whatever comes. */
    @Override
    void close();
}
