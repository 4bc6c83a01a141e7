package dev.confab.demo.faults;

import dev.confab.demo.Transport;
import dev.confab.demo.faults.History.Entry;
import dev.confab.demo.faults.History.Reading;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads the log from its first entry to the entry with a certain body. Changes the node and the transport at random and
 * continues from its cursor. Any thread may call {@link #count}.
 */
final class WanderingReader implements Callable<Reading> {
    private static final List<Transport> SERVED = List.copyOf(Transport.SERVED);

    private static final String ROOMS = "room=red&room=blue";

    /** The maximum number of entries read over one connection. */
    private static final int STAY = 2_000;

    /** The pause after a failed connection. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String name;
    private final List<NodeProcess> nodes;
    private final String lastBody;
    private final Random random;
    private final List<Entry> entries = new ArrayList<>();
    private int node;
    private Transport transport;
    private int connections;
    private volatile int count;
    private volatile String state = "new";

    /**
     * @param node the index of the first node
     * @param transport the first transport
     * @param lastBody the body of the entry at which reading ends
     */
    WanderingReader(List<NodeProcess> nodes, int node, Transport transport, String lastBody, long seed) {
        this.name = "reader " + node + " " + transport;
        this.nodes = nodes;
        this.node = node;
        this.transport = transport;
        this.lastBody = lastBody;
        this.random = new Random(seed);
    }

    /** Returns the number of entries read. */
    int count() {
        return count;
    }

    /** Returns how often the reader connected. To be called after reading has ended. */
    int connections() {
        return connections;
    }

    @Override
    public Reading call() throws InterruptedException {
        String after = "earliest";
        boolean reached = false;
        while (!reached) {
            if (Thread.interrupted()) {
                throw new InterruptedException(toString());
            }
            state = transport + " of " + nodes.get(node).name() + " after " + after;
            try (EntryStream stream =
                    EntryStream.open(transport, nodes.get(node).port(), ROOMS, after)) {
                connections++;
                for (int left = 1 + random.nextInt(STAY); left > 0 && !reached; left--) {
                    Entry entry = stream.next();
                    entries.add(entry);
                    after = entry.id();
                    count = entries.size();
                    reached = lastBody.equals(entry.body());
                }
            } catch (UncheckedIOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            node = random.nextInt(nodes.size());
            transport = SERVED.get(random.nextInt(SERVED.size()));
        }
        return new Reading(name, entries);
    }

    @Override
    public String toString() {
        return name + " with " + count + " entries, " + state;
    }
}
