package dev.confab.core;

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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the participants' joins and leaves to the log. All connections of a nick in a room are one participant, even
 * on different transports and nodes. The first connection causes a join. The end of the last connection causes a leave:
 *
 * <ul>
 *   <li>at once when the connection ended cleanly,
 *   <li>after the grace time when the connection was lost, unless the participant has connected again by then.
 * </ul>
 *
 * <p>For each participant, at most one join or leave is appended at a time. A failed append is tried again, until the
 * log agrees with the connections. Safe for any thread.
 */
public final class Presence {
    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final String MOVES = "joins and leaves, which are tried again";

    /**
     * How many participants join again at the same time. The number is much smaller than the number of drafts that may
     * wait for the store.
     */
    private static final int STEP = 1_000;

    private final Sequencer sequencer;
    private final ScheduledExecutorService timer;
    private final long graceNanos;
    private final int maxParticipants;
    private final FailureLog failures;
    private final Events events;
    private final Map<Participant, Seat> seats = new HashMap<>();

    /** The participants that are about to leave, with their times to leave; the earliest time comes first. */
    private final Map<Participant, Long> leaving = new LinkedHashMap<>();

    private boolean looking;
    private boolean draining;
    /** Counts how often all of this node's participants were removed from the log. */
    private int era;

    Presence(Sequencer sequencer, ScheduledExecutorService timer, ChatConfig config, FailureLog failures) {
        this.sequencer = sequencer;
        this.timer = timer;
        this.graceNanos = config.presenceGrace().toNanos();
        this.maxParticipants = config.maxParticipants();
        this.failures = failures;
        this.events = new Events(config.listener());
    }

    /**
     * Adds a connection of {@code nick} that begins to read these rooms.
     *
     * @return the attendance, to be ended when the connection ends
     * @throws ChatException {@link Reason#OVERLOADED} when this would add more participants than
     *     {@link ChatConfig#maxParticipants}; a further connection of a participant who is present adds none
     */
    public Attendance arrive(RoomSet rooms, Nick nick) {
        if (!take(rooms.rooms(), nick)) {
            throw overloaded();
        }
        Attendance attendance = new Attendance(this, rooms.rooms(), nick);
        attendance.forEach(this::settle);
        return attendance;
    }

    /** Returns the number of participants on this node. */
    synchronized int size() {
        return seats.size();
    }

    /** Reports the limit, outside the lock: the listener may hold a lock of its own while it reads the state. */
    private ChatException overloaded() {
        events.report(listener -> listener.limitReached(ChatListener.Bound.PARTICIPANTS));
        return new ChatException(Reason.OVERLOADED, "too many participants");
    }

    /** Counts a connection of {@code nick} in these rooms, or returns false and counts none. */
    private synchronized boolean take(List<Room> rooms, Nick nick) {
        if (seats.size() + rooms.size() > maxParticipants
                && seats.size() + countAbsent(rooms, nick) > maxParticipants) {
            return false;
        }
        for (Room room : rooms) {
            Participant participant = new Participant(room, nick);
            seats.computeIfAbsent(participant, p -> new Seat()).connections++;
            leaving.remove(participant);
        }
        return true;
    }

    private long countAbsent(List<Room> rooms, Nick nick) {
        return rooms.stream()
                .filter(room -> !seats.containsKey(new Participant(room, nick)))
                .count();
    }

    void enter(Attendance attendance, Room room) {
        boolean taken;
        synchronized (this) {
            if (attendance.ended.get() || attendance.rooms.contains(room)) {
                return;
            }
            taken = take(List.of(room), attendance.nick);
            if (taken) {
                List<Room> rooms = new ArrayList<>(attendance.rooms);
                rooms.add(room);
                attendance.rooms = List.copyOf(rooms);
            }
        }
        if (!taken) {
            throw overloaded();
        }
        settle(new Participant(room, attendance.nick));
    }

    void exit(Attendance attendance, Room room) {
        Participant participant = new Participant(room, attendance.nick);
        synchronized (this) {
            if (attendance.ended.get() || !attendance.rooms.contains(room)) {
                return;
            }
            attendance.rooms =
                    attendance.rooms.stream().filter(each -> !each.equals(room)).toList();
            Seat seat = seats.get(participant);
            if (seat != null) {
                seat.connections--;
            }
        }
        settle(participant);
    }

    /**
     * Stops the leaves of participants whose connections were lost, because their clients cannot connect to this node
     * again. Other nodes, or the next start, give these participants the grace time. A second call does nothing.
     */
    public synchronized void beginDrain() {
        draining = true;
    }

    /**
     * Makes all participants of this node join again, at most {@link #STEP} at a time. Called when, according to the
     * log, no participant is on this node.
     */
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

    /**
     * Appends a join or a leave if the log does not agree with the connections of {@code participant}. Does nothing
     * while another append of this participant is running: {@link #settled} then calls this method again.
     */
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
                // A join of an earlier era is no longer valid.
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

    /** Starts the timer for the next leave. All leaves share one timer, which runs only while a leave is pending. */
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
            LOG.debug("Closed; the next start continues");
        }
    }

    /** A join or leave that is being appended. */
    private record Step(Draft draft, int era) {}

    /** This node's state of a participant. */
    private static final class Seat {
        int connections;
        boolean stored;
        boolean appending;
    }

    /** The part of one connection in the presence. Ends once; a second end does nothing. Thread-safe. */
    public static final class Attendance {
        private final Presence presence;
        private final Nick nick;
        private final AtomicBoolean ended = new AtomicBoolean();

        /** Guarded by the presence until the end. */
        private List<Room> rooms;

        Attendance(Presence presence, List<Room> rooms, Nick nick) {
            this.presence = presence;
            this.rooms = rooms;
            this.nick = nick;
        }

        /**
         * Adds a room that the connection begins to read. Does nothing when the connection reads this room already, or
         * after the end.
         *
         * @throws ChatException {@link Reason#OVERLOADED}, as {@link Presence#arrive} does
         */
        public void enter(Room room) {
            presence.enter(this, room);
        }

        /**
         * Removes a room that the connection no longer reads: its participant leaves at once, unless another connection
         * of the nick reads the room. Does nothing when the connection does not read this room, or after the end.
         */
        public void exit(Room room) {
            presence.exit(this, room);
        }

        /** Ends the attendance of a client that disconnected cleanly: its participants leave at once. */
        public void leave() {
            end(true);
        }

        /**
         * Ends the attendance of a connection that was lost, or that the server closed. Its participants leave after
         * the grace time unless they are back by then.
         */
        public void drop() {
            end(false);
        }

        void forEach(Consumer<Participant> action) {
            for (Room room : rooms) {
                action.accept(new Participant(room, nick));
            }
        }

        private void end(boolean clean) {
            if (ended.compareAndSet(false, true)) {
                presence.end(this, clean);
            }
        }
    }
}
