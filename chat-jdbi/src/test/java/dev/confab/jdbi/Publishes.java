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
 * Some publishes in a row, from several publishers at once, and how many of them were stored.
 *
 * @param stored what an HTTP client sees as 201
 * @param unavailable what it sees as 503
 */
record Publishes(int stored, int unavailable) {
    /** Every publish is answered long before, with 503 at the latest. */
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
            // Not join, which an interrupt by JUnit's time-out does not end.
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
