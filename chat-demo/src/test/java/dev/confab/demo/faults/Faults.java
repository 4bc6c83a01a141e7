package dev.confab.demo.faults;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Causes faults in nodes, networks and the database while clients continue, and checks the effects that are visible
 * during the run. Confined to one thread.
 */
final class Faults {
    private static final int KILL_EVERY_SECONDS = 10;
    private static final int CUT_SECONDS = 10;
    private static final int FREEZE_SECONDS = 15;

    /** Longer than the time for which the database lets an append be idle. */
    private static final int STALL_SECONDS = 5;

    /** The time limit for a node to release the outbox, which nodes check every second. */
    private static final int TAKEOVER_SECONDS = 10;

    /** Bytes per second. At this rate each statement of an append of several messages takes about a second. */
    private static final long THROTTLED = 1_000;

    private static final int FREEZE_ATTEMPTS = 200;

    /**
     * The number of checks that must find the frozen node in an append. The database may still be executing the node's
     * last statement at the first check; the next check sees the result.
     */
    private static final int FREEZE_LOOKS = 2;

    /**
     * The longest permitted pause between acknowledgements while a node is frozen. The database ends the frozen node's
     * append earlier than that.
     */
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    /** The first is longer than the time limit of a publish, the second longer than a node waits for the database. */
    private static final List<Integer> STANDSTILL_SECONDS = List.of(14, 23);

    /** The time after which every acknowledgement sent before the freeze has arrived. */
    private static final long ON_ITS_WAY_MILLIS = 1_000;

    /** The time limit after a standstill for all nodes to acknowledge messages again. */
    private static final int RESUME_SECONDS = 15;

    private final List<NodeProcess> nodes;
    private final PostgresProcess database;
    private final List<Writer> writers;
    private final Random random;
    private final Pastime pastime;
    private final ClockJumps clock;
    private final List<String> problems = new ArrayList<>();
    private int kills;
    private int takeoverKills;
    private int crashes;
    private int breaks;
    private int standstills;
    private long longestPauseMillis;
    private long unknownAnswers;
    private long longestResumeMillis;

    Faults(List<NodeProcess> nodes, PostgresProcess database, List<Writer> writers, Random random, Pastime pastime) {
        this.nodes = nodes;
        this.database = database;
        this.writers = writers;
        this.random = random;
        this.pastime = pastime;
        this.clock = new ClockJumps(database, random, pastime);
    }

    /** Causes the faults of the variant, and then the faults common to all variants, until the end of the run. */
    void run(FaultRun.Variant variant) throws Exception {
        switch (variant) {
            case KILL, NO_NOTIFY -> {}
            case LISTEN_CUT -> cutNotifications();
            case NETWORK -> breakNetworks();
            case FREEZE -> freeze();
            case DATABASE_FREEZE -> freezeDatabase();
            case CLOCK_JUMP -> {
                clock.run(nodes.get(random.nextInt(nodes.size())));
                kills++;
            }
        }
        killAndCrash();
    }

    ClockJumps clock() {
        return clock;
    }

    /** Returns the problems found during the run. */
    List<String> problems() {
        return problems;
    }

    /** Returns a summary of the faults. */
    String words() {
        StringBuilder words = new StringBuilder();
        words.append(String.format(
                Locale.ROOT,
                "%d kills (%d in a take-over), %d crash of the database, %d network faults",
                kills,
                takeoverKills,
                crashes,
                breaks));
        if (longestPauseMillis > 0) {
            words.append(String.format(Locale.ROOT, ", longest pause beside a frozen node %,d ms", longestPauseMillis));
        }
        if (standstills > 0) {
            words.append(String.format(
                    Locale.ROOT,
                    ", %d standstills of the database (%d answers outcome_unknown, all nodes at it again %,d ms after)",
                    standstills,
                    unknownAnswers,
                    longestResumeMillis));
        }
        return words.toString();
    }

    private void cutNotifications() throws Exception {
        nodes.forEach(node -> node.notifications().cut());
        pastime.passSeconds(CUT_SECONDS);
        nodes.forEach(node -> node.notifications().restore());
    }

    /** Breaks networks in five ways: cut, stalled and then cut, stalled and then restored, slow, and half closed. */
    private void breakNetworks() throws Exception {
        for (int i = 0; pastime.passSeconds(1); i++) {
            FaultyProxy network = nodes.get(random.nextInt(nodes.size())).database();
            switch (i % 5) {
                case 0 -> network.cut();
                case 1, 2 -> network.stall();
                case 3 -> network.throttle(THROTTLED);
                default -> network.halfClose();
            }
            if (i % 5 > 0 && i % 5 < 4) {
                pastime.passSeconds(STALL_SECONDS);
            }
            if (i % 5 == 1) {
                network.cut();
            }
            network.restore();
            breaks++;
        }
    }

    /** Freezes a node again and again until it stops at the most harmful point: while it holds the append lock. */
    private void freeze() throws Exception {
        int index = random.nextInt(nodes.size());
        NodeProcess node = nodes.get(index);
        long begin = System.nanoTime();
        int looks = 0;
        for (int i = 0; i < FREEZE_ATTEMPTS && looks < FREEZE_LOOKS; i++) {
            begin = System.nanoTime();
            node.freeze();
            for (looks = 0; looks < FREEZE_LOOKS && database.holdsAppends(node.name()); looks++) {}
            if (looks < FREEZE_LOOKS) {
                node.thaw();
            }
        }
        if (looks < FREEZE_LOOKS) {
            throw new AssertionError("it never stopped in an append");
        }
        pastime.await(begin + TimeUnit.SECONDS.toNanos(FREEZE_SECONDS));
        longestPauseMillis = longestPauseWithout(index, begin);
        node.thaw();
        if (longestPauseMillis > LONGEST_PAUSE_MILLIS) {
            problems.add("while a node was frozen, nothing was acknowledged for " + longestPauseMillis + " ms");
        }
    }

    /** Returns the longest pause between two acknowledgements of the other nodes since {@code begin}. */
    private long longestPauseWithout(int frozen, long begin) {
        long[] times = writers.stream()
                .flatMap(writer -> writer.acknowledgements().stream())
                .filter(each -> each.node() != frozen && each.nanos() > begin)
                .mapToLong(Writer.Acknowledgement::nanos)
                .sorted()
                .toArray();
        long longest = 0;
        long last = begin;
        for (long time : times) {
            longest = Math.max(longest, time - last);
            last = time;
        }
        return TimeUnit.NANOSECONDS.toMillis(Math.max(longest, System.nanoTime() - last));
    }

    /**
     * Freezes the whole database. Checks that nothing is acknowledged during the standstill, and that all nodes recover
     * without help.
     */
    private void freezeDatabase() throws Exception {
        for (int seconds : STANDSTILL_SECONDS) {
            pastime.passSeconds(2);
            long thawed = standStill(seconds, seconds == STANDSTILL_SECONDS.get(STANDSTILL_SECONDS.size() - 1));
            longestResumeMillis = Math.max(longestResumeMillis, awaitAllNodes(thawed));
        }
        unknownAnswers = writers.stream().mapToLong(Writer::unknownAnswers).sum();
        if (unknownAnswers == 0) {
            problems.add("no answer was outcome_unknown (expected: some)");
        }
    }

    /**
     * Freezes the database for a number of seconds. Returns the time at which the standstill ended.
     *
     * @param behindALock whether the publishes in the frozen database wait for the append lock; otherwise the database
     *     stops at an arbitrary point
     */
    private long standStill(int seconds, boolean behindALock) throws Exception {
        try (Connection holding = database.connect()) {
            if (behindALock) {
                PostgresProcess.lockAppends(holding);
                pastime.passSeconds(1);
            }
            database.freeze();
            long frozen = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ON_ITS_WAY_MILLIS);
            pastime.passSeconds(seconds);
            long acknowledged = acknowledgements(frozen).count();
            if (acknowledged > 0) {
                problems.add(acknowledged + " acknowledged while the database stood still");
            }
            standstills++;
            long thawed = System.nanoTime();
            database.thaw();
            return thawed;
        }
    }

    /**
     * Waits until each node has acknowledged a message since {@code begin}. Returns the milliseconds that the slowest
     * node took.
     */
    private long awaitAllNodes(long begin) throws Exception {
        boolean time = pastime.passUntil(RESUME_SECONDS, () -> firsts(begin).size() == nodes.size());
        Collection<Long> firsts = firsts(begin);
        if (time && firsts.size() < nodes.size()) {
            problems.add("not all nodes acknowledged something within " + RESUME_SECONDS + " s after a standstill");
        }
        long last = firsts.stream().mapToLong(first -> first).max().orElse(begin);
        return TimeUnit.NANOSECONDS.toMillis(last - begin);
    }

    /** Returns the time of each node's first acknowledgement since {@code begin}; nodes without one are left out. */
    private Collection<Long> firsts(long begin) {
        return writers.stream()
                .flatMap(writer -> writer.acknowledgements().stream())
                .filter(each -> each.nanos() > begin)
                .collect(Collectors.toMap(Writer.Acknowledgement::node, Writer.Acknowledgement::nanos, Math::min))
                .values();
    }

    private LongStream acknowledgements(long since) {
        return writers.stream()
                .flatMap(writer -> writer.acknowledgements().stream())
                .mapToLong(Writer.Acknowledgement::nanos)
                .filter(nanos -> nanos > since);
    }

    /** Kills the node that next releases the outbox, in the middle of its transaction. */
    private void killInTakeover() throws Exception {
        try (OutboxTrap trap = new OutboxTrap(database)) {
            boolean time = pastime.passUntil(TAKEOVER_SECONDS, trap::set);
            // The first node that is found counts: the database may end its statement before another look.
            String[] caught = new String[1];
            time &= pastime.passUntil(TAKEOVER_SECONDS, () -> {
                caught[0] = trap.caught();
                return caught[0] != null;
            });
            String name = caught[0];
            for (NodeProcess node : nodes) {
                if (node.name().equals(name)) {
                    node.kill();
                    takeoverKills += name.equals(trap.caught()) ? 1 : 0;
                    trap.release();
                    node.start();
                }
            }
            if (time && name == null) {
                problems.add("no node took the outbox over for " + TAKEOVER_SECONDS + " s");
            }
        }
    }

    /** Kills a node after 5 s and every 10 s from then on. Crashes the database between the first two kills. */
    private void killAndCrash() throws Exception {
        long begin = System.nanoTime();
        for (int i = 1; pastime.await(begin + TimeUnit.SECONDS.toNanos(i * KILL_EVERY_SECONDS / 2)); i++) {
            if (i == 1) {
                killInTakeover();
                kills++;
            } else if (i % 2 == 1) {
                nodes.get(random.nextInt(nodes.size())).restart();
                kills++;
            } else if (crashes == 0) {
                database.crash();
                crashes++;
            }
        }
    }
}
