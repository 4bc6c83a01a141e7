package dev.confab.demo.faults;

import dev.confab.demo.faults.EntryStream.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A participant of a room where nobody says anything: comes back at once to its node whenever its connection is lost. */
final class Guest implements Callable<Integer> {
    static final String ROOM = "hall";

    /** A stream without entries says something every 15 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String nick;
    private final NodeProcess node;
    private final BooleanSupplier done;

    /** @param done when it is to stop */
    Guest(String nick, NodeProcess node, BooleanSupplier done) {
        this.nick = nick;
        this.node = node;
        this.done = done;
    }

    String nick() {
        return nick;
    }

    /** A connection of a participant of that name. */
    static EntryStream enter(NodeProcess node, String nick) throws IOException {
        return EntryStream.open(Transport.SSE, node.port(), PATIENCE, "room=" + ROOM + "&nick=" + nick, "earliest");
    }

    /** Returns how often it came. */
    @Override
    public Integer call() {
        int visits = 0;
        while (!done.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            try (EntryStream stream = enter(node, nick)) {
                visits++;
                while (!done.getAsBoolean()) {
                    // There are none: it returns by failing.
                    stream.next();
                }
            } catch (IOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return visits;
    }
}
