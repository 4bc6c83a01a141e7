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
 * Logs the failures of a store at a bounded rate. An unreachable store fails hundreds of times for one cause. The first
 * failure is logged with its cause, and further failures are counted. There is at most one line a minute for each
 * cause. The end of the failures is logged, too. Thread-safe.
 */
final class FailureLog {
    private static final long INTERVAL_SECONDS = 60;

    /** The maximum number of causes that are counted separately; beyond that, the oldest cause is forgotten. */
    private static final int MAX_CAUSES = 32;

    private final Consumer<String> lines;
    private final LongSupplier nanoTime;

    /** Guarded by this object, as are the fields below. Only {@link #isFailing} is also read without the lock. */
    private final Map<String, Cause> causes = new LinkedHashMap<>();

    private final Set<String> failing = new HashSet<>();
    private volatile boolean isFailing;
    /** Whether a failure was logged, and the end of the failures was not logged yet. */
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

    /** Reports that the store failed at {@code activity}. The activity counts as failing until {@link #succeeded}. */
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

    /** Reports that {@code activity} succeeded. Takes no lock while no activity is failing. */
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
     * Logs {@code event} and its cause, unless the same cause was logged within the last minute.
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
