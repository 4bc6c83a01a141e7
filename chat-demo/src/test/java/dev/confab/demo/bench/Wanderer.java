package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A reader that closes its connection every few seconds and continues from its cursor over the next transport. */
final class Wanderer {
    static final long SECONDS_BETWEEN = 5;

    private static final List<Transport> WIRES = List.of(Transport.WEBSOCKET, Transport.SSE, Transport.LONGPOLL);

    private final Crowd crowd;
    private final Inbox inbox;
    private final Address server;
    private final EventLoop loop;
    private int hops;
    private boolean isStaying;
    private CompletableFuture<Channel> connection = new CompletableFuture<>();

    Wanderer(Crowd crowd, Address server, int first) {
        this.crowd = crowd;
        this.inbox = crowd.inbox();
        this.server = server;
        this.loop = crowd.loop(inbox);
        this.hops = first;
    }

    /** @param delayMillis the time until the first change of transport, different for each reader */
    void start(long delayMillis) {
        loop.execute(this::connect);
        loop.schedule(this::hop, delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Ends the changes of transport, so that the reader can receive the remaining messages. */
    void stay() {
        loop.execute(() -> isStaying = true);
    }

    private void hop() {
        if (isStaying) {
            return;
        }
        connection.whenComplete((channel, failure) -> {
            if (channel == null) {
                connect();
            } else {
                channel.close().addListener(closed -> {
                    inbox.endPart();
                    connect();
                });
            }
        });
        loop.schedule(this::hop, SECONDS_BETWEEN, TimeUnit.SECONDS);
    }

    private void connect() {
        String cursor = inbox.cursor();
        connection =
                crowd.connect(WIRES.get(hops++ % WIRES.size()), inbox, server, cursor == null ? "earliest" : cursor, 0);
    }
}
