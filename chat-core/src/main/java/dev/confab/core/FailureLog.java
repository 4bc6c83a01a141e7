package dev.confab.core;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs the failures of a store at a bounded rate. A store that is away fails hundreds of times for one cause: the first failure
 * is a line with that cause, the others are counted, and each cause has at most one line a minute. The end of the failures is a
 * line, too. Thread-safe.
 */
final class FailureLog {
    private static final long INTERVAL_SECONDS = 60;

    /** Causes that are told apart; the oldest is forgotten. */
    private static final int MAX_CAUSES = 32;

    private final Consumer<String> lines;
    private final LongSupplier nanoTime;

    /** Guarded by this, as is all below; read without the lock only to see that nothing fails. */
    private final Map<String, Cause> causes = new LinkedHashMap<>();

    private final Set<String> failing = new HashSet<>();
    private volatile boolean isFailing;
    /** Whether the log has a line that says that the store fails, and none after it that says that it works. */
    private boolean isReported;

    private long failingSince;
    private long failures;

    FailureLog(Logger log) {
        this(log::warn, System::nanoTime);
    }

    FailureLog(Consumer<String> lines, LongSupplier nanoTime) {
        this.lines = lines;
        this.nanoTime = nanoTime;
    }

    /** Reports that the store failed at {@code activity}, which goes on failing until {@link #succeeded}. */
    synchronized void failed(String activity, Throwable failure) {
        if (failing.isEmpty()) {
            failingSince = nanoTime.getAsLong();
            failures = 0;
        }
        failing.add(activity);
        isFailing = true;
        failures++;
        isReported |= warn("The store fails at " + activity, failure);
    }

    /** Reports that {@code activity} succeeded. Costs nothing while nothing fails. */
    void succeeded(String activity) {
        if (isFailing) {
            end(activity);
        }
    }

    private synchronized void end(String activity) {
        if (!failing.remove(activity) || !failing.isEmpty()) {
            return;
        }
        isFailing = false;
        if (isReported) {
            isReported = false;
            long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - failingSince);
            lines.accept("The store works again after " + seconds + " s, in which it failed " + times(failures));
        }
    }

    /**
     * Logs {@code event} and its cause, unless that cause had its line within the last minute.
     *
     * @return whether a line was written
     */
    synchronized boolean warn(String event, Throwable failure) {
        long now = nanoTime.getAsLong();
        StoreException.Diagnosis diagnosis = StoreException.Diagnosis.of(failure);
        Cause cause = causes.computeIfAbsent(diagnosis.group(), group -> new Cause());
        if (causes.size() > MAX_CAUSES) {
            causes.remove(causes.keySet().iterator().next());
        }
        if (cause.isLogged && now - cause.loggedAt < TimeUnit.SECONDS.toNanos(INTERVAL_SECONDS)) {
            cause.unsaid++;
            return false;
        }
        String more = cause.unsaid == 0 ? "" : ", and " + times(cause.unsaid) + " more since the last such line";
        cause.isLogged = true;
        cause.loggedAt = now;
        cause.unsaid = 0;
        lines.accept(event + ": " + diagnosis.summary() + more);
        return true;
    }

    private static String times(long count) {
        return count == 1 ? "once" : count + " times";
    }

    private static final class Cause {
        boolean isLogged;
        long loggedAt;
        long unsaid;
    }
}
