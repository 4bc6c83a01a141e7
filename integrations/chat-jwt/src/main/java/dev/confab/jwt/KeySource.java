package dev.confab.jwt;

import java.security.Key;
import java.util.concurrent.CompletableFuture;

/** Finds the key for a token. Thread-safe, and never blocks. */
interface KeySource {
    /**
     * Returns the key with which the signature of a token must be verified. The future fails with
     * {@link dev.confab.netty.HttpException} when there is no such key, and with
     * {@link dev.confab.core.ChatException} when the keys are not available.
     */
    CompletableFuture<Key> find(TokenHeader header);
}
