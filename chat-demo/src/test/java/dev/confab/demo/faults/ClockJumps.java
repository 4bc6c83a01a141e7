package dev.confab.demo.faults;

import dev.confab.core.MessageId;
import dev.confab.demo.faults.PresenceChecker.Move;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Makes the nodes' clock jump, and checks the effect on participants. Confined to one thread. */
final class ClockJumps {
    private static final int JUMPS = 5;

    /** Twice this time is shorter than the time for which these nodes keep keys and entries. */
    private static final int MAX_JUMP_HOURS = 10;

    /** Longer than the 5 s between two renewals of a node's lease, at which the node also checks the other leases. */
    private static final int TICK_SECONDS = 6;

    /** Longer than the 15 to 20 s after which the participants of a dead node leave. */
    private static final int LEAVE_SECONDS = 25;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String GHOST = "ghost";

    private final PostgresProcess database;
    private final Random random;
    private final Pastime pastime;
    private final List<String> problems = new ArrayList<>();
    private Duration ahead = Duration.ZERO;
    private int jumpsAhead;
    private int jumpsBack;
    private int leaves;

    ClockJumps(PostgresProcess database, Random random, Pastime pastime) {
        this.database = database;
        this.random = random;
        this.pastime = pastime;
    }

    /** @param dying the node that is killed and started again */
    void run(NodeProcess dying) throws Exception {
        jump(Duration.ofHours(2));
        pastime.passSeconds(TICK_SECONDS);
        // The ghost loses its node while the clock is ahead, and does not return after the clock has jumped back.
        EntryStream ghost = Guest.enter(dying, GHOST);
        try {
            pastime.passUntil(TICK_SECONDS, () -> ghostMoves().size() == 1);
            dying.restart();
        } finally {
            ghost.close();
        }
        jump(Duration.ofHours(-3));
        boolean time = pastime.passUntil(LEAVE_SECONDS, () -> ghostMoves().size() > 1);
        if (time && !ghostMoves().equals(List.of(new Move(GHOST, true), new Move(GHOST, false)))) {
            problems.add("who was on a node that died did not leave when the clock had stepped back: " + ghostMoves());
        }
        for (int i = 0; i < JUMPS && pastime.passSeconds(TICK_SECONDS / 2); i++) {
            int most = (int) TimeUnit.HOURS.toSeconds(MAX_JUMP_HOURS);
            jump(Duration.ofSeconds(random.nextInt(2 * most) - most));
        }
        Instant newest = MessageId.parse(database.newest()).time();
        if (newest.isBefore(Instant.now().plus(Duration.ofHours(1)))) {
            problems.add("the newest id is of " + newest + " (expected: of the time that was ahead)");
        }
    }

    private void jump(Duration to) {
        database.jump(to);
        if (to.compareTo(ahead) > 0) {
            jumpsAhead++;
        } else {
            jumpsBack++;
        }
        ahead = to;
    }

    private List<Move> ghostMoves() {
        return database.moves(Guest.ROOM).stream()
                .filter(move -> move.nick().equals(GHOST))
                .toList();
    }

    /**
     * Returns the problems, after the nodes had time to react to the last jump. A participant may have left once for
     * each jump ahead, because the jump may have made each node look dead.
     *
     * @param present the participants that are still present
     */
    List<String> problems(List<String> present) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEAVE_SECONDS);
        List<String> found = presenceProblems(present);
        while (!found.isEmpty() && deadline - System.nanoTime() > 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            found = presenceProblems(present);
        }
        problems.addAll(found);
        return problems;
    }

    private List<String> presenceProblems(List<String> present) {
        List<Move> moves = database.moves(Guest.ROOM);
        leaves = (int) moves.stream()
                .filter(move -> !move.joins() && present.contains(move.nick()))
                .count();
        return PresenceChecker.problems(moves, present, jumpsAhead);
    }

    /** Returns a summary of the jumps. */
    String words() {
        return String.format(
                Locale.ROOT,
                ", %d jumps of the clock ahead and %d back, %d leaves by them",
                jumpsAhead,
                jumpsBack,
                leaves);
    }
}
