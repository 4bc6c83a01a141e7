package dev.confab.websocket;

import dev.confab.netty.PublishLimit;

/** The publishes of one session that are under way: their outcomes are not known yet. Confined to the event loop. */
final class Publishes {
    private final int max;
    private PublishLimit limit = PublishLimit.NONE;
    private int count;
    private boolean isFull;

    /** @param max the number of publishes under way at which the client is no longer read */
    Publishes(int max) {
        this.max = max;
    }

    /** Limits what the client publishes. Called once, before the first message. */
    void limitBy(PublishLimit given) {
        limit = given;
    }

    /** Counts a message of the client against its limit, and fails if the limit is exceeded. */
    void charge() {
        limit.count();
    }

    void begin() {
        count++;
        if (count >= max) {
            isFull = true;
        }
    }

    void end() {
        count--;
    }

    /** Ends the pause of a client when only half of the publishes are left. Returns whether a pause has ended now. */
    boolean relax() {
        boolean isOver = isFull && count <= max / 2;
        if (isOver) {
            isFull = false;
        }
        return isOver;
    }

    /** Returns whether the client must not be read, from {@code max} publishes until {@link #relax}. */
    boolean isFull() {
        return isFull;
    }

    boolean isEmpty() {
        return count == 0;
    }
}
