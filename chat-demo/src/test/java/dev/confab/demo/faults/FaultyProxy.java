package dev.confab.demo.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A network between a client and a server on this machine that can be made faulty. Safe for any thread. */
final class FaultyProxy implements AutoCloseable {
    private static final int BACKLOG = 200;

    /** How the proxy treats connections and their bytes. */
    private enum State {
        OPEN,
        /** All connections are reset, including new ones. */
        CUT,
        /** No bytes pass and no connection ends, as when a cable is unplugged. */
        STALLED
    }

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();
    /** Guarded by the lock, which is notified when the state changes. */
    private State state = State.OPEN;
    /** Guarded by the lock. */
    private long bytesPerSecond = Long.MAX_VALUE;

    private volatile boolean closed;

    /** @param target the port of the server */
    FaultyProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy-accept", this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Resets all connections, and each new one until {@link #restore}. */
    void cut() {
        change(State.CUT);
        sockets.forEach(FaultyProxy::reset);
    }

    /** Lets no bytes pass until {@link #restore}, which lets the waiting bytes pass. */
    void stall() {
        change(State.STALLED);
    }

    /** Limits the bytes per second in each direction of each connection. */
    void throttle(long bytesPerSecond) {
        synchronized (lock) {
            this.bytesPerSecond = bytesPerSecond;
        }
    }

    /** Ends the direction from the server to the client on all connections. The other direction stays open. */
    void halfClose() {
        for (Socket socket : sockets) {
            if (socket.getLocalPort() == port()) {
                try {
                    socket.shutdownOutput();
                } catch (IOException e) {
                    // The connection has already ended.
                }
            }
        }
    }

    /** Ends all faults, for existing and new connections. */
    void restore() {
        synchronized (lock) {
            bytesPerSecond = Long.MAX_VALUE;
        }
        change(State.OPEN);
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    private void change(State next) {
        synchronized (lock) {
            state = next;
            lock.notifyAll();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                start("proxy-connect", () -> connect(client));
            } catch (IOException e) {
                // Either the proxy is closed, which ends the loop, or the client is already gone.
            }
        }
    }

    private void connect(Socket client) {
        sockets.add(client);
        try {
            if (awaitPassage() == State.CUT) {
                throw new IOException("cut");
            }
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(upstream);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            synchronized (lock) {
                // The network may have been cut before the new socket was registered.
                if (state == State.CUT) {
                    reset(upstream);
                    throw new IOException("cut");
                }
            }
            start("proxy-up", () -> pump(client, upstream));
            pump(upstream, client);
        } catch (IOException e) {
            sockets.remove(client);
            reset(client);
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (awaitPassage() == State.CUT) {
                    break;
                }
                out.write(buffer, 0, count);
                awaitRate(count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        } finally {
            sockets.remove(from);
            closeIfDone(from, to);
        }
    }

    /** Waits while the network is stalled. Returns the state after that. */
    private State awaitPassage() throws IOException {
        synchronized (lock) {
            try {
                while (state == State.STALLED) {
                    lock.wait();
                }
                return state;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private void awaitRate(int count) throws IOException {
        synchronized (lock) {
            try {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(count) / bytesPerSecond;
                for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    /** Closes both sockets if both directions have ended. */
    private static void closeIfDone(Socket from, Socket to) {
        try {
            if (from.isOutputShutdown() && to.isOutputShutdown()) {
                from.close();
                to.close();
            }
        } catch (IOException e) {
            // The sockets are already closed.
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // The socket is already closed.
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
