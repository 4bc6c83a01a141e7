package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Some publishes in a row, from several publishers at once, and how many of them were stored.
 *
 * @param stored what an HTTP client sees as 201
 * @param unavailable what it sees as 503
 */
record Publishes(int stored, int unavailable) {
    /** Publishes {@code count} messages, {@code atOnce} at a time. */
    static Publishes run(ChatService chat, int count, int atOnce) {
        int stored = 0;
        for (int i = 0; i < count; i += atOnce) {
            List<CompletableFuture<Published>> burst = new ArrayList<>();
            for (int j = i; j < Math.min(count, i + atOnce); j++) {
                burst.add(chat.publish(Draft.of(new Room("room" + j % 7), "message " + j)));
            }
            for (CompletableFuture<Published> publish : burst) {
                stored += isStored(publish) ? 1 : 0;
            }
        }
        return new Publishes(stored, count - stored);
    }

    private static boolean isStored(CompletableFuture<Published> publish) {
        try {
            publish.join();
            return true;
        } catch (CompletionException e) {
            if (ChatException.of(e).reason().isTemporary()) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return stored + " stored (201), " + unavailable + " unavailable (503)";
    }
}
