package dev.confab.netty;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each client. At most {@link #MAX_KEYS} clients are remembered. Beyond this number, the client that
 * was idle for the longest time is forgotten: when it returns, it has a full bucket again, so the limit is never
 * stricter than configured. Safe for any thread.
 */
final class TokenBuckets {
    /** The largest number of remembered clients. A client takes about 300 bytes, so all of them take about 20 MB. */
    static final int MAX_KEYS = 65_536;

    private final int rate;
    private final int burst;
    private final TimeMeter clock;

    /** The clients, the one that was idle for the longest time first. Guarded by itself. */
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_KEYS;
        }
    };

    /**
     * @param rate the number of tokens that a bucket gets each second, 1 or more
     * @param burst the number of tokens that a bucket can hold
     */
    TokenBuckets(int rate, int burst, TimeMeter clock) {
        this.rate = rate;
        this.burst = burst;
        this.clock = clock;
    }

    /** Takes a token. Returns false if the client has none; it has one again after a second at most. */
    boolean take(String key) {
        Bucket bucket;
        synchronized (buckets) {
            bucket = buckets.computeIfAbsent(key, unknown -> bucket());
        }
        return bucket.tryConsume(1);
    }

    /** Returns the number of remembered clients. */
    int size() {
        synchronized (buckets) {
            return buckets.size();
        }
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(burst).refillGreedy(rate, Duration.ofSeconds(1)))
                .withCustomTimePrecision(clock)
                .build();
    }
}
