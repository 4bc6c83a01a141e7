package dev.confab.netty;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes Netty print, at the end of each test class, every leak of that class. Netty reports a buffer that was never
 * released only after the buffer has been garbage collected <em>and</em> another direct buffer is allocated, so this
 * class does both. The build then fails on the word {@code LEAK:} in a test's output. JUnit finds this class
 * automatically. Thread-safe.
 */
public final class LeakReports implements AfterAllCallback {
    private static final int ROUNDS = 2;
    private static final long PATIENCE_MILLIS = 2_000;

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            collectGarbage();
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
    }

    /** Returns once a garbage collection has run and its references have been added to their queues. */
    private static void collectGarbage() throws InterruptedException {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        Reference<Object> canary = new WeakReference<>(new Object(), collected);
        System.gc();
        collected.remove(PATIENCE_MILLIS);
        Reference.reachabilityFence(canary);
    }
}
