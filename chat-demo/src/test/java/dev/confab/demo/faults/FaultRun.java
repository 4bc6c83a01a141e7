package dev.confab.demo.faults;

import dev.confab.demo.Transport;
import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import dev.confab.demo.faults.History.Reading;
import dev.confab.demo.faults.History.Transaction;
import java.nio.file.Path;
import java.time.Duration;
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
import java.util.concurrent.locks.LockSupport;

/**
 * A run of several nodes on one PostgreSQL, with writers and readers on all nodes, applications that use the outbox,
 * and faults. Confined to one thread.
 */
final class FaultRun implements AutoCloseable {
    /** The kind of faults in a run. */
    enum Variant {
        /** Nodes are killed, and the database crashes once. */
        KILL,
        /** As {@link #KILL}, and the nodes do not notify one another. */
        NO_NOTIFY,
        /** As {@link #KILL}, and no node receives notifications for ten seconds. */
        LISTEN_CUT,
        /**
         * The networks between the nodes and the database are faulty: connections are lost at any point, stall, are
         * slow, or end in one direction.
         */
        NETWORK,
        /** A node stops in the middle of an append, and continues fifteen seconds later. */
        FREEZE,
        /**
         * The database stands still for longer than the time limit of a publish, and then for longer than a node waits
         * for the database.
         */
        DATABASE_FREEZE,
        /** The nodes' clock jumps ahead and back, by up to ten hours. */
        CLOCK_JUMP;

        /** Returns whether each publish gets a response, unless its node is killed. */
        boolean isAnswered() {
            return this == DATABASE_FREEZE;
        }

        /**
         * Returns how long a writer waits for a response: the promised time where each publish gets a response;
         * otherwise a short time, after which the writer tries another node.
         */
        Duration patience() {
            return isAnswered() ? Writer.PROMISED : EntryStream.PATIENCE;
        }

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int WRITERS_A_NODE = 4;
    private static final int APPLICATIONS = 2;

    /** The time limit for clients and the outbox to finish. Only a run that fails waits this long. */
    private static final int PATIENCE_SECONDS = 90;

    /** The longest time until the failure of a client is noticed. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String LAST_BODY = "the last";

    private final Variant variant;
    private final int seconds;
    private final Random random;
    private final PostgresProcess database;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private final List<WanderingReader> readers = new ArrayList<>();
    private final List<Guest> guests = new ArrayList<>();
    private final List<Application> applications = new ArrayList<>();
    private final List<Future<List<Publish>>> writing = new ArrayList<>();
    private final List<Future<Reading>> reading = new ArrayList<>();
    private final List<Future<Integer>> visiting = new ArrayList<>();
    private final List<Future<List<Transaction>>> transacting = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> problems = new ArrayList<>();
    private volatile boolean done;
    private long end;

    /** @param directory an empty directory */
    FaultRun(Variant variant, int nodeCount, int seconds, long seed, Path directory) {
        this.variant = variant;
        this.seconds = seconds;
        this.random = new Random(seed);
        database = new PostgresProcess(directory);
        try {
            if (variant == Variant.CLOCK_JUMP) {
                database.allowJumps();
            }
            database.prepareApplications();
            for (int n = 0; n < nodeCount; n++) {
                add(n);
            }
            for (int n = 0; n < APPLICATIONS; n++) {
                applications.add(new Application("a" + n, database, () -> done, random.nextLong()));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void add(int node) {
        // With this retention no entry becomes old enough to be removed, however the clock jumps.
        String[] options = variant == Variant.CLOCK_JUMP ? new String[] {"--keep-for", "P1D"} : new String[0];
        nodes.add(new NodeProcess("node" + node, database.port(), variant != Variant.NO_NOTIFY, options));
        if (variant == Variant.CLOCK_JUMP) {
            guests.add(new Guest("guest" + node, nodes.get(node), () -> done));
        }
        for (int w = 0; w < WRITERS_A_NODE; w++) {
            writers.add(
                    new Writer("w" + node + "." + w, nodes, node, () -> done, variant.patience(), random.nextLong()));
        }
        for (Transport transport : Transport.SERVED) {
            readers.add(new WanderingReader(nodes, node, transport, LAST_BODY, random.nextLong()));
        }
    }

    /** Executes the run and checks its history. Returns a summary in one line. */
    String run() throws Exception {
        writers.forEach(writer -> writing.add(threads.submit(writer)));
        readers.forEach(reader -> reading.add(threads.submit(reader)));
        guests.forEach(guest -> visiting.add(threads.submit(guest)));
        for (Writer writer : writers) {
            Writer.Acknowledgement first = writer.acknowledgements().poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (first == null) {
                throw new AssertionError("nothing is acknowledged");
            }
        }
        applications.forEach(application -> transacting.add(threads.submit(application)));
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Faults faults = new Faults(nodes, database, writers, random, this::awaitTime);
        faults.run(variant);
        String jumps = "";
        if (variant == Variant.CLOCK_JUMP) {
            problems.addAll(
                    faults.clock().problems(guests.stream().map(Guest::nick).toList()));
            jumps = faults.clock().words();
        }
        done = true;
        History history = finish();
        problems.addAll(faults.problems());
        problems.addAll(HistoryChecker.problems(history));
        checkAnswers();
        return verdict(history, faults.words() + jumps);
    }

    /**
     * Lets the clients continue until a time. A client that fails ends the run at once.
     *
     * @return false when the run is over
     */
    private boolean awaitTime(long nanos) throws Exception {
        long until = Math.min(end, nanos);
        List<Future<?>> all = new ArrayList<>(writing);
        all.addAll(reading);
        all.addAll(visiting);
        all.addAll(transacting);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            for (Future<?> each : all) {
                if (each.isDone()) {
                    each.get();
                }
            }
            // No client ends by itself, so this call waits for the time to pass.
            try {
                all.get(0).get(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                // Expected: the client is still running.
            }
        }
        return end - System.nanoTime() > 0;
    }

    private History finish() throws Exception {
        List<Publish> publishes = new ArrayList<>();
        for (Future<List<Publish>> each : writing) {
            publishes.addAll(get(each));
        }
        List<Transaction> transactions = new ArrayList<>();
        for (Future<List<Transaction>> each : transacting) {
            transactions.addAll(get(each));
        }
        awaitOutbox();
        publishes.add(
                get(threads.submit(() -> new Writer("end", nodes, 0, () -> false, variant.patience(), random.nextLong())
                        .publish("red", LAST_BODY, true))));
        List<Reading> readings = new ArrayList<>();
        for (Future<Reading> each : reading) {
            readings.add(get(each));
        }
        return new History(publishes, database.log(), readings, transactions, database.applicationRows());
    }

    /** Waits until the outbox is empty. The outbox is polled, because nothing announces that it is empty. */
    private void awaitOutbox() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (database.outboxRows() > 0 && deadline - System.nanoTime() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Pastime.LOOK_MILLIS));
        }
        int left = database.outboxRows() + database.rejectedRows();
        if (left > 0) {
            problems.add(left + " rows of the outbox are left or rejected");
        }
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

    /** Checks that every publish got its response in time, in the variants that promise a response. */
    private void checkAnswers() {
        long unanswered = writers.stream().mapToLong(Writer::unanswered).sum();
        if (variant.isAnswered() && unanswered > 0) {
            problems.add(unanswered + " publishes were not answered within " + variant.patience());
        }
    }

    private String verdict(History history, String done) {
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
        return String.format(
                Locale.ROOT,
                "faults: %s %s, %d nodes, %d s: %,d acknowledged, %s, %d unknown, %d refused, %d repeated;"
                        + " %,d messages by the outbox of %,d transactions, %d rolled back, %d unknown;"
                        + " %s; %d readers over %,d connections",
                problems.isEmpty() ? "PASSED" : "FAILED",
                variant.words(),
                nodes.size(),
                seconds,
                publishes.size() - unknown - refused,
                problems.isEmpty() ? "0 lost, 0 doubled, 0 out of order" : problems.size() + " problems",
                unknown,
                refused,
                repeated,
                history.rows().size(),
                history.transactions().size(),
                transactions(history, Outcome.REFUSED),
                transactions(history, Outcome.UNKNOWN),
                done,
                readers.size(),
                connections);
    }

    private static long transactions(History history, Outcome outcome) {
        return history.transactions().stream()
                .filter(transaction -> transaction.outcome() == outcome)
                .count();
    }

    /** Returns the problems found by {@link #run}, at most the first 50. */
    List<String> problems() {
        return problems.subList(0, Math.min(50, problems.size()));
    }

    /** Ends the nodes. Returns the contents of their error streams. */
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
