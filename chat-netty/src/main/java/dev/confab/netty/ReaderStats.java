package dev.confab.netty;

/**
 * The readers of one transport at one moment, and the deliveries to them since the start. A reader is a WebSocket, an
 * event stream or a waiting poll. A response that is sent in parts counts as a reader until its end.
 *
 * @param transport {@code longpoll}, {@code sse} or {@code websocket}, or the name that another endpoint chose
 * @param atEnd the number of readers that wait for new entries, or get them together with the others
 * @param catchingUp the number of readers with entries in memory that they have not got yet
 * @param blocked the number of readers whose clients take no data at the moment
 * @param loading the number of readers whose next entries are being read from the store
 * @param deliveries the number of entries sent, counted once for each reader
 * @param bytes the number of bytes sent with these entries, before any encryption
 */
public record ReaderStats(
        String transport, int atEnd, int catchingUp, int blocked, int loading, long deliveries, long bytes) {

    /** Returns the sum of both. */
    public ReaderStats plus(ReaderStats other) {
        return new ReaderStats(
                transport,
                atEnd + other.atEnd,
                catchingUp + other.catchingUp,
                blocked + other.blocked,
                loading + other.loading,
                deliveries + other.deliveries,
                bytes + other.bytes);
    }
}
