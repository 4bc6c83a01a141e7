package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test class that leaked a buffer. Netty reports a buffer that was never released only after the buffer has
 * been garbage collected <em>and</em> another direct buffer is allocated, so this class does both when the tests of a
 * class have ended. JUnit finds this class automatically. Thread-safe.
 */
public final class LeakReports implements BeforeAllCallback, AfterAllCallback {
    private static final int ROUNDS = 2;
    private static final long PATIENCE_MILLIS = 2_000;

    /** The frames of the programs that run the tests, which are in every trace of a thread that runs a test. */
    private static final Pattern RUNNER = Pattern.compile("(?m)^\\t(org\\.junit|org\\.apache\\.maven)\\..*\\R?");

    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
    private static final Set<Class<?>> TRACKED = ConcurrentHashMap.newKeySet();

    /** The hint in the report of each buffer that is allocated now. */
    private static volatile String hint = "before the first test class";

    static {
        // A class of Netty asks for its detector only once, so the factory is set before any test can load such a
        // class.
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Recorders());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Netty never repeats a report. With the time, a class that runs again has different reports.
        hint = context.getRequiredTestClass().getName() + ", started at " + Instant.now();
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            collectGarbage();
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
        if (!TRACKED.contains(ByteBuf.class)) {
            throw new AssertionError("leak detectors: " + TRACKED
                    + " (expected: one for ByteBuf; a buffer was allocated" + " before LeakReports was loaded)");
        }
        List<String> reports = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            reports.add(report);
        }
        if (!reports.isEmpty()) {
            throw new AssertionError(
                    "leaks: " + reports.size() + " (expected: none). The hint is the test class that ran when"
                            + " the buffer was allocated.\n" + String.join("\n", reports));
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

    private static final class Recorders extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // abstract in Netty
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> type, int samplingInterval, long maxActive) {
            TRACKED.add(type);
            return new Recorder<>(type, samplingInterval);
        }
    }

    private static final class Recorder<T> extends ResourceLeakDetector<T> {
        Recorder(Class<T> type, int samplingInterval) {
            super(type, samplingInterval);
        }

        @Override
        protected Object getInitialHint(String type) {
            return hint;
        }

        // By default, Netty reports a leak only if its log is on, and a test may turn the log off.
        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            REPORTS.add(type + RUNNER.matcher(records).replaceAll(""));
        }

        @Override
        protected void reportUntracedLeak(String type) {
            REPORTS.add(type + " without records");
        }
    }
}
