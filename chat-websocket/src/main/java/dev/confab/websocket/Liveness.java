package dev.confab.websocket;

/**
 * Decides in rounds of keep-alive whether a client is still there. A client that is sent pings must send something. A
 * client that does not read must at least take data. Confined to the event loop.
 */
final class Liveness {
    /** The number of rounds of pings for which a client may be silent. */
    private static final int SILENT_ROUNDS = 2;

    private final WebSocketConfig config;

    /** The number of rounds since the last sign of life. */
    private int quietRounds;

    /** The number of bytes in the last round in which the channel was not writable. */
    private long unwritten;

    Liveness(WebSocketConfig config) {
        this.config = config;
    }

    /** Records a sign of life. */
    void heard() {
        quietRounds = 0;
    }

    /**
     * Counts a round in which the client is sent a ping.
     *
     * @return false if the client has been silent for too many rounds, and is not sent another ping
     */
    boolean countPing() {
        if (quietRounds >= SILENT_ROUNDS) {
            return false;
        }
        quietRounds++;
        return true;
    }

    /**
     * Counts a round in which the channel is not writable. The input is paused then, so the client's silence proves
     * nothing. The client is stuck if no bytes leave the channel.
     *
     * @param bytes the number of bytes that must leave the channel before it is writable
     * @return false if the client has been stuck for too long
     */
    boolean countStall(long bytes) {
        if (bytes != unwritten) {
            unwritten = bytes;
            quietRounds = 0;
            return true;
        }
        quietRounds++;
        return quietRounds * config.keepAlive().toMillis() < config.stuckAfter().toMillis();
    }
}
