package dev.confab.spring;

import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Routes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The server as a part of the application's life: it starts after all beans exist, and drains while the application's
 * own web server drains. It starts once, because drained routes serve no more. Thread-safe.
 */
public final class ConfabServer implements SmartLifecycle {
    /** The phase of the graceful shutdown of Spring Boot's web servers. */
    private static final int PHASE = DEFAULT_PHASE - 1024;

    private final ChatServerConfig config;
    private final Routes routes;
    private final Consumer<ChatServer> onStart;
    private volatile @Nullable ChatServer server;
    private volatile boolean stopped;

    /** @param onStart called with the server when it listens */
    ConfabServer(ChatServerConfig config, Routes routes, Consumer<ChatServer> onStart) {
        this.config = config;
        this.routes = routes;
        this.onStart = onStart;
    }

    /**
     * Returns the port on which the server listens.
     *
     * @throws IllegalStateException when the server is not running
     */
    public int port() {
        ChatServer running = server;
        if (running == null) {
            throw new IllegalStateException("server: not running (expected: after the start of the application)");
        }
        return running.port();
    }

    /** @throws IllegalStateException when the server was stopped before */
    @Override
    public synchronized void start() {
        if (stopped) {
            throw new IllegalStateException("server: stopped (expected: one start; create a new application context)");
        }
        if (server == null) {
            ChatServer started = ChatServer.start(config, routes);
            server = started;
            onStart.accept(started);
        }
    }

    /** Blocks until the server is drained. */
    @Override
    public synchronized void stop() {
        stopped = true;
        ChatServer running = server;
        server = null;
        if (running != null) {
            running.close();
        }
    }

    /** Drains on a thread of its own, so that all servers of the application drain at the same time. */
    @Override
    public void stop(Runnable callback) {
        new Thread(
                        () -> {
                            try {
                                stop();
                            } finally {
                                callback.run();
                            }
                        },
                        "confab-drain")
                .start();
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** Returns false: tests that share a context pause it, and a paused server could not start again. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
