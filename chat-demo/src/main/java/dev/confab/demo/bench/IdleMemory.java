package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.OptionalLong;

/**
 * The memory that each idle connection costs a server, in bytes; NaN when it is unknown.
 *
 * @param heap the live objects
 * @param resident the growth of the process
 */
record IdleMemory(double heap, double resident) {
    static final IdleMemory UNKNOWN = new IdleMemory(Double.NaN, Double.NaN);

    /**
     * The number of connections that are opened before the memory of the server is first measured. The first
     * connections load classes and create threads and pools that all later connections share.
     */
    private static final int FIRST = 50;

    /** Measures servers that have had no load yet, with connections that are used for nothing else. */
    static IdleMemory measure(Transport transport, Servers servers, Load load, Progress progress)
            throws InterruptedException {
        if (load.idle() == 0 || (servers.cpu().isEmpty() && servers.resident().isEmpty())) {
            return UNKNOWN;
        }
        hold(transport, servers, load, Math.min(FIRST, load.idle()), () -> {});
        OptionalLong heap = servers.liveHeap();
        OptionalLong resident = servers.resident();
        progress.say(transport.label() + ": " + Figures.whole(load.idle()) + " idle connections");
        OptionalLong[] then = new OptionalLong[2];
        hold(transport, servers, load, load.idle(), () -> {
            then[0] = servers.resident();
            then[1] = servers.liveHeap();
        });
        return new IdleMemory(
                Servers.difference(heap, then[1]) / load.idle(), Servers.difference(resident, then[0]) / load.idle());
    }

    /** Opens connections, runs an action, and closes the connections. */
    private static void hold(Transport transport, Servers servers, Load load, int connections, Action action)
            throws InterruptedException {
        try (Loops loops = new Loops()) {
            new Crowd(loops, servers.addresses(), Crowd.newRooms(load.rooms()), load.heads(), 0)
                    .open(transport, connections, null);
            action.run();
        }
    }

    private interface Action {
        void run() throws InterruptedException;
    }
}
