package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The responses in parts of one event loop that have a part to write. They take turns, and after a few parts the loop
 * reads its sockets, so that a cheap request does not wait for thousands of long responses. Responses that begin get
 * every second turn, so that their first bytes do not wait for the parts of all others. Confined to the event loop.
 */
final class PartTurns {
    /** The number of parts that are written before the loop reads its sockets again. */
    private static final int PARTS_PER_TURN = 1;

    private static final FastThreadLocal<@Nullable PartTurns> CURRENT = new FastThreadLocal<>();

    private final EventLoop loop;
    private final Queue<PartedResponse> beginning = new ArrayDeque<>();
    private final Queue<PartedResponse> begun = new ArrayDeque<>();
    private boolean isForBegun;
    private boolean isScheduled;

    private PartTurns(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns the turns of {@code loop}. Must be called on this loop. */
    static PartTurns of(EventLoop loop) {
        PartTurns current = CURRENT.get();
        if (current == null || current.loop != loop) {
            current = new PartTurns(loop);
            CURRENT.set(current);
        }
        return current;
    }

    /** Calls {@link PartedResponse#takeTurn} once, when it is the turn of this response. */
    void add(PartedResponse response) {
        (response.hasBegun() ? begun : beginning).add(response);
        schedule();
    }

    private void schedule() {
        if (!isScheduled) {
            isScheduled = true;
            NextPoll.after(loop, this::run);
        }
    }

    private void run() {
        isScheduled = false;
        for (int i = 0; i < PARTS_PER_TURN; i++) {
            PartedResponse next = next();
            if (next == null) {
                return;
            }
            next.takeTurn();
        }
        if (!beginning.isEmpty() || !begun.isEmpty()) {
            schedule();
        }
    }

    private @Nullable PartedResponse next() {
        boolean takesBegun = beginning.isEmpty() || (isForBegun && !begun.isEmpty());
        isForBegun = !takesBegun;
        return takesBegun ? begun.poll() : beginning.poll();
    }
}
