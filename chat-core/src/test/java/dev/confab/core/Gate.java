package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A gate at which threads wait until a test opens it. Once opened, the gate stays open. */
public final class Gate {
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    /** Waits until a thread is at the gate. */
    public void awaitEntered() {
        assertThat(await(entered)).as("somebody came to the gate").isTrue();
    }

    /** Lets all threads pass. */
    public void open() {
        opened.countDown();
    }

    void pass() {
        entered.countDown();
        if (!await(opened)) {
            throw new AssertionError("The gate was never opened");
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted at a gate", e);
        }
    }
}
