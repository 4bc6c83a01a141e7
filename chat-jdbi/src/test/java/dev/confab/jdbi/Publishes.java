package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Published;
import dev.confab.core.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The result of several bursts of concurrent publishes.
 *
 * @param stored the number of stored messages; an HTTP client would get 201 for each
 * @param unavailable the number of temporarily refused messages; an HTTP client would get 503 for each
 */
record Publishes(int stored, int unavailable) {
    /** The time limit for a publish. Every publish completes long before, at the latest with an error (503). */
    private static final long ANSWER_SECONDS = 60;

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
            // Unlike join, get ends when JUnit's time-out interrupts the thread.
            publish.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            if (ChatException.of(e.getCause()).reason().isTemporary()) {
                return false;
            }
            throw new AssertionError(e);
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("a publish was not answered", e);
        }
    }

    @Override
    public String toString() {
        return stored + " stored (201), " + unavailable + " unavailable (503)";
    }
}
