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

/** What is done to nodes, networks and database while clients go on, and what is seen of it at once. For one thread. */
final class Faults {
    private static final int KILL_EVERY_SECONDS = 10;
    private static final int CUT_SECONDS = 10;
    private static final int FREEZE_SECONDS = 15;

    /** Longer than the database lets an append be idle. */
    private static final int STALL_SECONDS = 5;

    /** Nodes look into the outbox every second. */
    private static final int TAKEOVER_SECONDS = 10;

    /** Bytes a second: an append of some messages takes a second for each of its statements. */
    private static final long THROTTLED = 1_000;

    private static final int FREEZE_ATTEMPTS = 200;

    /** What it said last is perhaps still being worked on: the next look sees what it came to. */
    private static final int FREEZE_LOOKS = 2;

    /** What the longest pause without an acknowledgement may be while a node is frozen: the database ends its append after 5. */
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    /** Longer than a publish is waited for, and then longer than a node waits for an answer of the database. */
    private static final List<Integer> STANDSTILL_SECONDS = List.of(14, 23);

    /** An acknowledgement that was on its way is seen so long after. */
    private static final long ON_ITS_WAY_MILLIS = 1_000;

    /** So long after a standstill all nodes acknowledge again. */
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

    /** Until the end of the run: what the variant is called after, and then what all have. */
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

    /** What was wrong already while they were at it. */
    List<String> problems() {
        return problems;
    }

    /** What was done. */
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

    /** In five ways: cut, stalled and then cut, stalled and then well again, slow, and half closed. */
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

    /** Until it stops where it hurts: with the right to append. */
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

    /** Between two acknowledgements of the other nodes since then. */
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

    /** All of it stands still: nothing is acknowledged meanwhile, and all nodes go on by themselves. */
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
     * Returns when it was over.
     *
     * @param behindALock in the database's hands are publishes that wait for the right to append, and not whatever it was doing
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

    /** Waits until each node has acknowledged something since then; returns how long the last one took. */
    private long awaitAllNodes(long begin) throws Exception {
        boolean time = pastime.passUntil(RESUME_SECONDS, () -> firsts(begin).size() == nodes.size());
        Collection<Long> firsts = firsts(begin);
        if (time && firsts.size() < nodes.size()) {
            problems.add("not all nodes acknowledged something within " + RESUME_SECONDS + " s after a standstill");
        }
        long last = firsts.stream().mapToLong(first -> first).max().orElse(begin);
        return TimeUnit.NANOSECONDS.toMillis(last - begin);
    }

    /** Of each node that acknowledged something since then, when it did so first. */
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

    /** Whichever node takes the outbox over next, when it is in the middle of that. */
    private void killInTakeover() throws Exception {
        try (OutboxTrap trap = new OutboxTrap(database)) {
            boolean time = pastime.passUntil(TAKEOVER_SECONDS, trap::set);
            time &= pastime.passUntil(TAKEOVER_SECONDS, () -> trap.caught() != null);
            String name = trap.caught();
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

    /** A kill after 5 s and every 10 s from then on; between the first two, the crash. */
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
