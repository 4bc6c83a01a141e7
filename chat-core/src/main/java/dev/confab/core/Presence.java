package dev.confab.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who takes part, as joins and leaves in the log. Several connections of one nick in a room are one participant, on whatever
 * transport and whatever nodes. The first one's arrival is a join; the last one's end is a leave, at once when it was clean, and
 * after the grace time when the connection was lost, unless the participant is back by then.
 *
 * <p>What is wanted and what the log says are brought together one append at a time for each participant, so they agree in the
 * end however appends fail. Safe for any thread.
 */
public final class Presence {
    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final String MOVES = "joins and leaves, which are tried again";

    /** Participants of this node, over all rooms; with one more, {@link #arrive} is {@link Reason#OVERLOADED}. */
    public static final int MAX_PARTICIPANTS = 200_000;

    /** Participants that join again at the same time; much less than may wait for the store. */
    private static final int STEP = 1_000;

    private final Sequencer sequencer;
    private final ScheduledExecutorService timer;
    private final long graceNanos;
    private final FailureLog failures;
    private final Map<Participant, Seat> seats = new HashMap<>();

    /** Who is about to leave and when, the next one first. */
    private final Map<Participant, Long> leaving = new LinkedHashMap<>();

    private boolean looking;
    private boolean draining;
    /** Changes when all that was stored of this node is gone. */
    private int era;

    Presence(Sequencer sequencer, ScheduledExecutorService timer, Duration grace, FailureLog failures) {
        this.sequencer = sequencer;
        this.timer = timer;
        this.graceNanos = grace.toNanos();
        this.failures = failures;
    }

    /**
     * A connection of {@code nick} begins to read these rooms.
     *
     * @return to be told when the connection ends
     * @throws ChatException {@link Reason#OVERLOADED}
     */
    public Attendance arrive(RoomSet rooms, Nick nick) {
        synchronized (this) {
            if (seats.size() + rooms.rooms().size() > MAX_PARTICIPANTS) {
                throw new ChatException(Reason.OVERLOADED, "too many participants");
            }
            for (Room room : rooms.rooms()) {
                Participant participant = new Participant(room, nick);
                seats.computeIfAbsent(participant, p -> new Seat()).connections++;
                leaving.remove(participant);
            }
        }
        Attendance attendance = new Attendance(this, rooms, nick);
        attendance.forEach(this::settle);
        return attendance;
    }

    /**
     * Stops the leaves of participants whose connections were lost, because their clients cannot come back to this node. Other
     * nodes, or the next start, give them the grace time. A second call does nothing.
     */
    public synchronized void beginDrain() {
        draining = true;
    }

    /** The log says that nobody is on this node: whoever is joins again, some at a time. */
    void joinAgain() {
        List<Participant> all;
        synchronized (this) {
            era++;
            seats.values().forEach(seat -> seat.stored = false);
            all = List.copyOf(seats.keySet());
        }
        settleAll(all.iterator());
    }

    private void settleAll(Iterator<Participant> left) {
        List<CompletableFuture<?>> some = new ArrayList<>();
        while (some.size() < STEP && left.hasNext()) {
            some.add(settle(left.next()));
        }
        if (!some.isEmpty()) {
            CompletableFuture.allOf(some.toArray(CompletableFuture[]::new))
                    .whenComplete((done, failure) -> settleAll(left));
        }
    }

    void end(Attendance attendance, boolean clean) {
        synchronized (this) {
            attendance.forEach(participant -> {
                Seat seat = seats.get(participant);
                if (seat != null && --seat.connections == 0 && !clean) {
                    leaving.remove(participant);
                    leaving.put(participant, System.nanoTime() + graceNanos);
                }
            });
        }
        attendance.forEach(this::settle);
        look();
    }

    /** Appends what is missing for the log to say what is wanted, unless an append is under way: then that goes on. */
    private CompletableFuture<?> settle(Participant participant) {
        Step step = next(participant);
        return step == null
                ? CompletableFuture.completedFuture(null)
                : sequencer
                        .submit(step.draft)
                        .whenComplete((placement, failure) -> settled(participant, step, failure));
    }

    private synchronized @Nullable Step next(Participant participant) {
        Seat seat = seats.get(participant);
        if (seat == null || seat.appending) {
            return null;
        }
        boolean wanted = seat.connections > 0 || leaving.containsKey(participant);
        if (wanted == seat.stored) {
            if (!wanted) {
                seats.remove(participant);
            }
            return null;
        }
        seat.appending = true;
        Draft draft = wanted
                ? Draft.join(participant.room(), participant.nick())
                : Draft.leave(participant.room(), participant.nick());
        return new Step(draft, era);
    }

    private void settled(Participant participant, Step step, @Nullable Throwable failure) {
        synchronized (this) {
            Seat seat = seats.get(participant);
            if (seat == null) {
                return;
            }
            seat.appending = false;
            if (failure == null) {
                // What was stored in an earlier era is gone.
                seat.stored = step.draft.type() == Message.Type.JOIN && step.era == era;
            }
        }
        if (failure == null) {
            failures.succeeded(MOVES);
            settle(participant);
        } else if (ChatException.of(failure).reason() != Reason.DRAINING) {
            failures.failed(MOVES, failure);
            later(TimeUnit.SECONDS.toNanos(1), () -> settle(participant));
        }
    }

    /** One timer for all that leave, and only while there are any. */
    private void look() {
        synchronized (this) {
            if (looking || draining || leaving.isEmpty()) {
                return;
            }
            looking = true;
            long wait = leaving.values().iterator().next() - System.nanoTime();
            later(Math.max(wait, 0), this::expire);
        }
    }

    private void expire() {
        Map<Participant, Long> due = new LinkedHashMap<>();
        synchronized (this) {
            looking = false;
            if (draining) {
                return;
            }
            long now = System.nanoTime();
            Iterator<Map.Entry<Participant, Long>> each = leaving.entrySet().iterator();
            while (each.hasNext()) {
                Map.Entry<Participant, Long> next = each.next();
                if (next.getValue() - now > 0) {
                    break;
                }
                due.put(next.getKey(), next.getValue());
                each.remove();
            }
        }
        due.keySet().forEach(this::settle);
        look();
    }

    private void later(long nanos, Runnable task) {
        try {
            timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closed meanwhile; the next start goes on with it");
        }
    }

    /** A join or leave on its way to the log. */
    private record Step(Draft draft, int era) {}

    /** One participant, as this node sees it. */
    private static final class Seat {
        int connections;
        boolean stored;
        boolean appending;
    }
}
