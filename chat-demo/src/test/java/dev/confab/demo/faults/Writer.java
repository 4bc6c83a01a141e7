package dev.confab.demo.faults;

import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
 * Publishes one message after the other, and repeats with its key what was not acknowledged, on its own node or on another. Some it
 * gives up. Its {@link #acknowledgements} may be read by any thread.
 */
final class Writer implements Callable<List<Publish>> {
    /** Of so many failed attempts one is the last. */
    private static final int GIVE_UP = 8;

    /** As a client does that was told to come back. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");

    /** One that came: when, and from which node. */
    record Acknowledgement(long nanos, int node) {}

    private final String name;
    private final List<NodeProcess> nodes;
    private final int home;
    private final BooleanSupplier done;
    private final Random random;
    private final BlockingQueue<Acknowledgement> acknowledgements = new LinkedBlockingQueue<>();
    private Http http;
    private int connected;
    private int attempts;

    /** @param done when it is to stop */
    Writer(String name, List<NodeProcess> nodes, int home, BooleanSupplier done, long seed) {
        this.name = name;
        this.nodes = nodes;
        this.home = home;
        this.done = done;
        this.random = new Random(seed);
    }

    /** What came so far, in order. */
    BlockingQueue<Acknowledgement> acknowledgements() {
        return acknowledgements;
    }

    @Override
    public List<Publish> call() throws IOException {
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

    /** Publishes one message. @param always whether it is repeated until it is acknowledged */
    Publish publish(String room, String body, boolean always) throws IOException {
        String key = new UUID(random.nextLong(), random.nextLong()).toString();
        String json = "{\"body\":\"" + body + "\",\"key\":\"" + key + "\"}";
        boolean mayBeStored = false;
        long sent = System.nanoTime();
        for (int node = home; ; node = random.nextBoolean() ? home : random.nextInt(nodes.size())) {
            attempts++;
            try {
                connect(node);
                Http.Response response = http.post("/messages?room=" + room, json);
                if (response.status() == 201 || response.status() == 200) {
                    return acknowledged(key, body, sent, response);
                }
                if (response.status() != 503) {
                    throw new AssertionError(response);
                }
                mayBeStored |= response.body().contains("outcome_unknown");
            } catch (ConnectException e) {
                disconnect();
            } catch (IOException e) {
                mayBeStored = true;
                disconnect();
            }
            if (!always && (done.getAsBoolean() || random.nextInt(GIVE_UP) == 0)) {
                Outcome outcome = mayBeStored ? Outcome.UNKNOWN : Outcome.REFUSED;
                return new Publish(name, key, body, sent, System.nanoTime(), outcome, null);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** How often it sent something. */
    int attempts() {
        return attempts;
    }

    private Publish acknowledged(String key, String body, long sent, Http.Response response) {
        long now = System.nanoTime();
        Matcher id = ID.matcher(response.body());
        if (!id.find() || !response.body().contains("\"body\":\"" + body + "\"")) {
            throw new AssertionError(response);
        }
        acknowledgements.add(new Acknowledgement(now, connected));
        return new Publish(name, key, body, sent, now, Outcome.ACKNOWLEDGED, id.group(1));
    }

    private void connect(int node) throws IOException {
        if (http != null && connected == node) {
            return;
        }
        disconnect();
        http = new Http(nodes.get(node).port());
        connected = node;
    }

    private void disconnect() throws IOException {
        if (http != null) {
            http.close();
            http = null;
        }
    }
}
