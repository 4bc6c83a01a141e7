package dev.confab.demo.faults;

import dev.confab.demo.Transport;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A participant of a room without messages. Whenever its connection is lost, it reconnects to its node at once. */
final class Guest implements Callable<Integer> {
    static final String ROOM = "hall";

    /** Longer than the 15 s between the keep-alive signals of a stream without entries. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String nick;
    private final NodeProcess node;
    private final BooleanSupplier done;

    /** @param done whether the guest is to stop */
    Guest(String nick, NodeProcess node, BooleanSupplier done) {
        this.nick = nick;
        this.node = node;
        this.done = done;
    }

    String nick() {
        return nick;
    }

    /** Opens a connection of a participant with this nick. */
    static EntryStream enter(NodeProcess node, String nick) {
        return EntryStream.open(Transport.SSE, node.port(), PATIENCE, "room=" + ROOM + "&nick=" + nick, "earliest");
    }

    /** Visits the room until done. Returns the number of visits. */
    @Override
    public Integer call() {
        int visits = 0;
        while (!done.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            try (EntryStream stream = enter(node, nick)) {
                visits++;
                while (!done.getAsBoolean()) {
                    // The room has no messages, so this call ends only by failing.
                    stream.next();
                }
            } catch (UncheckedIOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return visits;
    }
}
