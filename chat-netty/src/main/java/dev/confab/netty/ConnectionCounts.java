package dev.confab.netty;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The number of open connections of each client. A key is remembered only while it has a connection, so there are at
 * most as many keys as connections, and no key has to be evicted. Safe for any thread.
 */
final class ConnectionCounts {
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /** Counts a connection. Returns the number of connections with this key, including the new one. */
    int add(String key) {
        return counts.merge(key, 1, Integer::sum);
    }

    /** Called once for each {@link #add}. */
    void remove(String key) {
        counts.computeIfPresent(key, (known, count) -> count == 1 ? null : count - 1);
    }

    /** Returns the number of remembered keys. */
    int size() {
        return counts.size();
    }
}
