package dev.confab.demo.faults;

import dev.confab.demo.faults.EntryStream.Transport;
import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import dev.confab.demo.faults.History.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Nodes on one PostgreSQL, writers and readers of all of them, and what is done to them meanwhile. For one thread. */
final class FaultRun implements AutoCloseable {
    /** What goes wrong. */
    enum Variant {
        /** Nodes are killed, and the database crashes once. */
        KILL,
        /** The same, and the nodes tell one another nothing. */
        NO_NOTIFY,
        /** The same, and no node hears of another for ten seconds. */
        LISTEN_CUT,
        /** The networks between nodes and database: connections are lost in the middle of whatever they carry, or stall. */
        NETWORK,
        /** A node stops in the middle of an append, and goes on fifteen seconds later. */
        FREEZE;

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int WRITERS_A_NODE = 4;
    private static final int KILL_EVERY_SECONDS = 10;
    private static final int CUT_SECONDS = 10;
    private static final int FREEZE_SECONDS = 15;

    /** Longer than the database lets an append be idle. */
    private static final int STALL_SECONDS = 5;

    private static final int FREEZE_ATTEMPTS = 200;

    /** What it said last is perhaps still being worked on: the next look sees what it came to. */
    private static final int FREEZE_LOOKS = 2;

    /** What the longest pause without an acknowledgement may be while a node is frozen: the database ends its append after 5. */
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    /** For readers to get to the end: only a run that fails waits for so long. */
    private static final int PATIENCE_SECONDS = 90;

    /** So soon a client that fails is noticed. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String LAST_BODY = "the last";

    private final Variant variant;
    private final int seconds;
    private final Random random;
    private final PostgresProcess database;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private final List<WanderingReader> readers = new ArrayList<>();
    private final List<Future<List<Publish>>> writing = new ArrayList<>();
    private final List<Future<Reading>> reading = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> problems = new ArrayList<>();
    private volatile boolean done;
    private long end;
    private int kills;
    private int crashes;
    private int breaks;
    private long longestPauseMillis;

    /** @param directory an empty one */
    FaultRun(Variant variant, int nodeCount, int seconds, long seed, Path directory) {
        this.variant = variant;
        this.seconds = seconds;
        this.random = new Random(seed);
        database = new PostgresProcess(directory);
        try {
            for (int n = 0; n < nodeCount; n++) {
                add(n);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void add(int node) {
        nodes.add(new NodeProcess("node" + node, database.port(), variant != Variant.NO_NOTIFY));
        for (int w = 0; w < WRITERS_A_NODE; w++) {
            writers.add(new Writer("w" + node + "." + w, nodes, node, () -> done, random.nextLong()));
        }
        for (Transport transport : Transport.values()) {
            readers.add(new WanderingReader(nodes, node, transport, LAST_BODY, random.nextLong()));
        }
    }

    /** Runs it, and checks what came of it; returns one line with what happened. */
    String run() throws Exception {
        writers.forEach(writer -> writing.add(threads.submit(writer)));
        readers.forEach(reader -> reading.add(threads.submit(reader)));
        for (Writer writer : writers) {
            Writer.Acknowledgement first = writer.acknowledgements().poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (first == null) {
                throw new AssertionError("nothing is acknowledged");
            }
        }
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        switch (variant) {
            case KILL, NO_NOTIFY -> {}
            case LISTEN_CUT -> cutNotifications();
            case NETWORK -> breakNetworks();
            case FREEZE -> freeze();
        }
        killAndCrash();
        done = true;
        History history = finish();
        problems.addAll(HistoryChecker.problems(history));
        return verdict(history);
    }

    private void cutNotifications() throws Exception {
        nodes.forEach(node -> node.notifications().cut());
        awaitTime(System.nanoTime() + TimeUnit.SECONDS.toNanos(CUT_SECONDS));
        nodes.forEach(node -> node.notifications().restore());
    }

    /** One node after the other, in three ways: cut, stalled and then cut, stalled and then well again. */
    private void breakNetworks() throws Exception {
        for (int i = 0; awaitTime(System.nanoTime() + TimeUnit.SECONDS.toNanos(1)); i++) {
            FaultyProxy network = nodes.get(i % nodes.size()).database();
            int way = i % 3;
            if (way > 0) {
                network.stall();
                awaitTime(System.nanoTime() + TimeUnit.SECONDS.toNanos(STALL_SECONDS));
            }
            if (way < 2) {
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
        awaitTime(begin + TimeUnit.SECONDS.toNanos(FREEZE_SECONDS));
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

    /** A kill after 5 s and every 10 s from then on; between the first two, the crash. */
    private void killAndCrash() throws Exception {
        long begin = System.nanoTime();
        for (int i = 1; awaitTime(begin + TimeUnit.SECONDS.toNanos(i * KILL_EVERY_SECONDS / 2)); i++) {
            if (i % 2 == 1) {
                nodes.get(random.nextInt(nodes.size())).restart();
                kills++;
            } else if (crashes == 0) {
                database.crash();
                crashes++;
            }
        }
    }

    /** Lets them go on; false when it is time to end. Whoever fails ends the run at once. */
    private boolean awaitTime(long nanos) throws Exception {
        long until = Math.min(end, nanos);
        List<Future<?>> all = new ArrayList<>(writing);
        all.addAll(reading);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            for (Future<?> each : all) {
                if (each.isDone()) {
                    each.get();
                }
            }
            // None of them ends by itself: this is what makes the time pass.
            try {
                all.get(0).get(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                // As it should be.
            }
        }
        return end - System.nanoTime() > 0;
    }

    private History finish() throws Exception {
        List<Publish> publishes = new ArrayList<>();
        for (Future<List<Publish>> each : writing) {
            publishes.addAll(get(each));
        }
        publishes.add(get(threads.submit(
                () -> new Writer("end", nodes, 0, () -> false, random.nextLong()).publish("red", LAST_BODY, true))));
        List<Reading> readings = new ArrayList<>();
        for (Future<Reading> each : reading) {
            readings.add(get(each));
        }
        return new History(publishes, database.log(), readings);
    }

    private <T> T get(Future<T> future) throws Exception {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not at the end: " + readers, e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private String verdict(History history) {
        List<Publish> publishes = history.publishes();
        long unknown = publishes.stream()
                .filter(publish -> publish.outcome() == Outcome.UNKNOWN)
                .count();
        long refused = publishes.stream()
                .filter(publish -> publish.outcome() == Outcome.REFUSED)
                .count();
        long repeated = writers.stream().mapToInt(Writer::attempts).sum() - (publishes.size() - 1);
        int connections =
                readers.stream().mapToInt(WanderingReader::connections).sum();
        long gaps = history.readings().stream().mapToLong(Reading::gaps).sum();
        if (gaps > 0) {
            problems.add("gaps: " + gaps + " (expected: none, as nothing is removed)");
        }
        String line = String.format(
                Locale.ROOT,
                "faults: %s %s, %d nodes, %d s: %,d acknowledged, %s, %d unknown, %d refused, %d repeated;"
                        + " %d kills, %d crash of the database, %d network faults; %d readers over %,d connections",
                problems.isEmpty() ? "PASSED" : "FAILED",
                variant.words(),
                nodes.size(),
                seconds,
                publishes.size() - unknown - refused,
                problems.isEmpty() ? "0 lost, 0 doubled, 0 out of order" : problems.size() + " problems",
                unknown,
                refused,
                repeated,
                kills,
                crashes,
                breaks,
                readers.size(),
                connections);
        return longestPauseMillis == 0
                ? line
                : line + String.format(Locale.ROOT, "; longest pause beside a frozen node %,d ms", longestPauseMillis);
    }

    /** What is wrong, after {@link #run}; the first ones, when there are many. */
    List<String> problems() {
        return problems.subList(0, Math.min(50, problems.size()));
    }

    /** Ends the nodes; returns what they said. */
    String end() {
        StringBuilder said = new StringBuilder();
        nodes.stream()
                .sorted(Comparator.comparing(NodeProcess::name))
                .forEach(node -> said.append(node.name()).append(":\n").append(node.end()));
        return said.toString();
    }

    @Override
    public void close() {
        done = true;
        threads.shutdownNow();
        nodes.forEach(NodeProcess::close);
        database.close();
    }
}
