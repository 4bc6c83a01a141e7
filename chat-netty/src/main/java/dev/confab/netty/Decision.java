package dev.confab.netty;

import java.util.concurrent.CompletableFuture;

/** The decisions that are known at once. Each call needs no object of its own. */
public final class Decision {
    static final CompletableFuture<Boolean> YES = CompletableFuture.completedFuture(true);
    static final CompletableFuture<Boolean> NO = CompletableFuture.completedFuture(false);

    private Decision() {}

    /** Returns a completed future, which the caller must not change. */
    public static CompletableFuture<Boolean> of(boolean isPermitted) {
        return isPermitted ? YES : NO;
    }
}
