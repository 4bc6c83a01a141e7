package dev.confab.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Participants that are connected over WebSocket. When a connection ends, its participant reconnects shortly
 * afterwards, to the next node that accepts the connection.
 */
final class ReturningCrowd implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Executor LATER = CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Integer> ports;
    private final int size;
    private int connected;
    private boolean isClosed;
    private long longestAbsence;

    /**
     * @param ports the ports of the nodes
     * @param prefix the start of the nicks, which end with numbers from 0
     */
    ReturningCrowd(List<Integer> ports, String prefix, int size) {
        this.ports = List.copyOf(ports);
        this.size = size;
        for (int i = 0; i < size; i++) {
            new Member(prefix + i, i % ports.size()).connect();
        }
    }

    /** Waits until each participant has a connection. */
    synchronized void awaitAll() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (connected < size) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("connected: " + connected + " (expected: " + size + ")");
            }
            wait(left);
        }
    }

    /** Returns the longest time between the end of a participant's connection and its next connection. */
    synchronized Duration longestAbsence() {
        return Duration.ofNanos(longestAbsence);
    }

    /** Stops the reconnecting: from now on, a participant whose connection ends stays away. */
    @Override
    public synchronized void close() {
        isClosed = true;
    }

    private synchronized boolean isClosed() {
        return isClosed;
    }

    private synchronized void arrived(long absence) {
        longestAbsence = Math.max(longestAbsence, absence);
        connected++;
        notifyAll();
    }

    private synchronized void left() {
        connected--;
    }

    private final class Member implements WebSocket.Listener {
        private final String nick;
        private int node;
        private long leftAt = System.nanoTime();

        Member(String nick, int node) {
            this.nick = nick;
            this.node = node;
        }

        void connect() {
            URI uri = URI.create("ws://127.0.0.1:" + ports.get(node) + "/ws?after=latest&nick=" + nick);
            http.newWebSocketBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(uri, this)
                    .whenComplete((socket, failure) -> {
                        if (failure != null) {
                            comeBack();
                        }
                    });
        }

        private void lost() {
            leftAt = System.nanoTime();
            left();
            comeBack();
        }

        private void comeBack() {
            if (!isClosed()) {
                node = (node + 1) % ports.size();
                LATER.execute(this::connect);
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            arrived(System.nanoTime() - leftAt);
            socket.request(Long.MAX_VALUE);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            lost();
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            lost();
        }
    }
}
