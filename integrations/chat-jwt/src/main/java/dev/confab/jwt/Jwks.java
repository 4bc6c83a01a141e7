package dev.confab.jwt;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import java.security.Key;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer, read from its server when they are needed. Requests with known keys never wait for the server,
 * except for the first. Thread-safe.
 */
final class Jwks implements KeySource {
    /** The age at which the keys are read again, while the old ones stay in use. */
    static final Duration REFRESH = Duration.ofMinutes(5);

    /** The shortest time between the starts of two reads, however many tokens name unknown keys. */
    static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

    private final Supplier<CompletableFuture<KeySet>> server;
    private final long lifetime;
    private final LongSupplier nanoTime;

    /** The last complete keys, and the time of their read. Guarded by this. */
    private @Nullable KeySet keys;

    private long readAt;

    /** The last read, which may have failed or be running, and the time of its start. Guarded by this. */
    private @Nullable CompletableFuture<KeySet> lastRead;

    private long startedAt;

    /** @param server reads the keys without blocking; a failure is a {@link ChatException} */
    Jwks(Supplier<CompletableFuture<KeySet>> server, Duration lifetime, LongSupplier nanoTime) {
        this.server = server;
        this.lifetime = lifetime.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public CompletableFuture<Key> find(TokenHeader header) {
        Key known = known(header);
        return known != null
                ? CompletableFuture.completedFuture(known)
                : read().thenApply(read -> {
                    Key found = read.find(header);
                    if (found == null) {
                        throw Refusal.UNKNOWN_KEY.exception();
                    }
                    return found;
                });
    }

    /** Returns a key that was read before, or null. Starts a read in the background when the keys are old. */
    private synchronized @Nullable Key known(TokenHeader header) {
        if (keys == null) {
            return null;
        }
        long age = nanoTime.getAsLong() - readAt;
        if (age >= lifetime) {
            return null;
        }
        if (age >= REFRESH.toNanos()) {
            read();
        }
        return keys.find(header);
    }

    /** Starts a read, or returns the last one, if it is still running or has only just started. */
    private synchronized CompletableFuture<KeySet> read() {
        long now = nanoTime.getAsLong();
        if (lastRead == null || (lastRead.isDone() && now - startedAt >= MIN_INTERVAL.toNanos())) {
            startedAt = now;
            lastRead = server.get().thenApply(this::keep);
        }
        return lastRead;
    }

    private synchronized KeySet keep(KeySet read) {
        keys = read;
        readAt = nanoTime.getAsLong();
        return read;
    }

    /** Returns the failure of a request whose key cannot be read. */
    static ChatException unavailable() {
        return new ChatException(
                Reason.UNAVAILABLE, "The keys for tokens cannot be read from their server; try again later");
    }
}
