package dev.confab.demo.faults;

import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import dev.confab.netty.RawHttp;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Publishes one message after the other. A message that was not acknowledged is sent again with the same key, to the
 * home node or another one; some messages are given up. Any thread may read {@link #acknowledgements}.
 */
final class Writer implements Callable<List<Publish>> {
    /** The writer gives a message up after one failed attempt in this number, on average. */
    private static final int GIVE_UP = 8;

    /** The time limit for a response: 10 s, at most one second more, and another second for a busy machine. */
    static final Duration PROMISED = Duration.ofSeconds(12);

    /** The error codes after which the same request is to be sent again. */
    private static final Set<String> COME_BACK = Set.of("unavailable", "outcome_unknown", "draining", "overloaded");

    private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z_]+)\"");

    /** The pause before the next attempt. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");

    /** The time at which an acknowledgement arrived, and the index of the node that sent it. */
    record Acknowledgement(long nanos, int node) {}

    private final String name;
    private final List<NodeProcess> nodes;
    private final int home;
    private final BooleanSupplier done;
    private final Duration patience;
    private final Random random;
    private final BlockingQueue<Acknowledgement> acknowledgements = new LinkedBlockingQueue<>();
    private RawHttp http;
    private int connected;
    private int attempts;
    private int unanswered;
    private volatile int unknownAnswers;

    /**
     * @param done whether the writer is to stop
     * @param patience the time limit for connecting, and for a silence of the server
     */
    Writer(String name, List<NodeProcess> nodes, int home, BooleanSupplier done, Duration patience, long seed) {
        this.name = name;
        this.nodes = nodes;
        this.home = home;
        this.done = done;
        this.patience = patience;
        this.random = new Random(seed);
    }

    /** Returns the acknowledgements received so far, in order. */
    BlockingQueue<Acknowledgement> acknowledgements() {
        return acknowledgements;
    }

    @Override
    public List<Publish> call() {
        List<Publish> publishes = new ArrayList<>();
        try {
            for (int i = 0; !done.getAsBoolean(); i++) {
                publishes.add(publish(i % 2 == 0 ? "red" : "blue", name + "-" + i, false));
            }
        } finally {
            disconnect();
        }
        return publishes;
    }

    /**
     * Publishes one message.
     *
     * @param always whether the message is sent again until it is acknowledged
     */
    Publish publish(String room, String body, boolean always) {
        String key = new UUID(random.nextLong(), random.nextLong()).toString();
        String json = "{\"body\":\"" + body + "\",\"key\":\"" + key + "\"}";
        boolean mayBeStored = false;
        long sent = System.nanoTime();
        for (int node = home; ; node = random.nextBoolean() ? home : random.nextInt(nodes.size())) {
            attempts++;
            try {
                connect(node);
                RawHttp.Response response = http.post("/messages?room=" + room, "application/json", json)
                        .read();
                if (response.status() == 201 || response.status() == 200) {
                    return acknowledged(key, body, sent, response);
                }
                mayBeStored |= isUnknown(response);
            } catch (UncheckedIOException e) {
                unanswered += e.getCause() instanceof SocketTimeoutException ? 1 : 0;
                mayBeStored |= !(e.getCause() instanceof ConnectException);
                disconnect();
            }
            if (!always && (done.getAsBoolean() || random.nextInt(GIVE_UP) == 0)) {
                Outcome outcome = mayBeStored ? Outcome.UNKNOWN : Outcome.REFUSED;
                return new Publish(name, key, body, sent, System.nanoTime(), outcome, null);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Returns whether a response that asks the client to try again leaves the outcome of the publish open. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
    private boolean isUnknown(RawHttp.Response response) {
        Matcher code = CODE.matcher(response.body());
        if (response.status() != 503
                || response.header("retry-after") == null
                || !code.find()
                || !COME_BACK.contains(code.group(1))) {
            throw new AssertionError(response);
        }
        boolean unknown = code.group(1).equals("outcome_unknown");
        unknownAnswers += unknown ? 1 : 0;
        return unknown;
    }

    /** Returns the number of responses with the code {@code outcome_unknown}. Safe for any thread. */
    int unknownAnswers() {
        return unknownAnswers;
    }

    /** Returns the number of attempts without a response in time. */
    int unanswered() {
        return unanswered;
    }

    /** Returns the number of attempts, including those whose connection was refused. */
    int attempts() {
        return attempts;
    }

    private Publish acknowledged(String key, String body, long sent, RawHttp.Response response) {
        long now = System.nanoTime();
        Matcher id = ID.matcher(response.body());
        if (!id.find() || !response.body().contains("\"body\":\"" + body + "\"")) {
            throw new AssertionError(response);
        }
        acknowledgements.add(new Acknowledgement(now, connected));
        return new Publish(name, key, body, sent, now, Outcome.ACKNOWLEDGED, id.group(1));
    }

    private void connect(int node) {
        if (http != null && connected == node) {
            return;
        }
        disconnect();
        http = new RawHttp(nodes.get(node).port(), patience);
        connected = node;
    }

    private void disconnect() {
        if (http != null) {
            http.close();
            http = null;
        }
    }
}
