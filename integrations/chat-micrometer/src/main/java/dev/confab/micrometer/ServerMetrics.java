package dev.confab.micrometer;

import dev.confab.netty.ChatServer;
import dev.confab.netty.CloseCause;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.Routes;
import dev.confab.netty.ServerListener;
import dev.confab.netty.ServerStats;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures a {@link ChatServer} and the readers of its {@link Routes}; docs/metrics.md lists the meters. Thread-safe.
 * Never blocks.
 *
 * <pre>{@code
 * var metrics = new ServerMetrics(registry);
 * metrics.bindTo(routes);
 * var server = ChatServer.start(ChatServerConfig.defaults().withListener(metrics), routes);
 * metrics.bindTo(server);
 * }</pre>
 */
public final class ServerMetrics implements ServerListener {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Counter opened;
    private final Map<CloseCause, Counter> closed;
    private final Map<Bound, Counter> limits;

    /** @param registry is not closed by this object */
    public ServerMetrics(MeterRegistry registry) {
        this(registry, Tags.empty());
    }

    /** @param tags are added to all meters, so that several servers can share a registry */
    public ServerMetrics(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        Meters meters = new Meters(registry, tags);
        this.opened = Counter.builder("confab.connections.opened")
                .description("Accepted connections")
                .tags(tags)
                .register(registry);
        this.closed =
                meters.counters("confab.connections.closed", "Connections that ended", "reason", CloseCause.class);
        this.limits = meters.limits(Bound.class);
    }

    /**
     * Registers the gauges of a server, which has this object as its listener. Called once. The registry does not keep
     * the server from being collected as garbage.
     */
    public void bindTo(ChatServer server) {
        Gauge.builder("confab.connections", server, s -> s.stats().connections())
                .description("Open connections")
                .tags(tags)
                .register(registry);
        buffers(server, "input", ServerStats::inputBytes);
        buffers(server, "output", ServerStats::outputBytes);
    }

    private void buffers(ChatServer server, String direction, ToDoubleFunction<ServerStats> bytes) {
        Gauge.builder("confab.buffers", server, s -> bytes.applyAsDouble(s.stats()))
                .description("Bytes that connections hold: received and not processed, or written and not taken")
                .baseUnit("bytes")
                .tags(tags.and("direction", direction))
                .register(registry);
    }

    /** Registers the meters of the routes' readers. Called once. Also works for routes in a server of your own. */
    public void bindTo(Routes routes) {
        for (ReaderStats stats : routes.readerStats()) {
            String transport = stats.transport();
            readers(routes, transport, "at_end", ReaderStats::atEnd);
            readers(routes, transport, "catching_up", ReaderStats::catchingUp);
            readers(routes, transport, "blocked", ReaderStats::blocked);
            readers(routes, transport, "loading", ReaderStats::loading);
            FunctionCounter.builder("confab.deliveries", routes, r -> of(r, transport, ReaderStats::deliveries))
                    .description("Entries sent, counted once for each reader")
                    .tags(tags.and("transport", transport))
                    .register(registry);
            FunctionCounter.builder("confab.deliveries.size", routes, r -> of(r, transport, ReaderStats::bytes))
                    .description("Bytes sent with these entries")
                    .baseUnit("bytes")
                    .tags(tags.and("transport", transport))
                    .register(registry);
        }
    }

    private void readers(Routes routes, String transport, String state, ToDoubleFunction<ReaderStats> count) {
        Gauge.builder("confab.readers", routes, r -> of(r, transport, count))
                .description("Open WebSockets, event streams and waiting polls")
                .tags(tags.and("transport", transport, "state", state))
                .register(registry);
    }

    private static double of(Routes routes, String transport, ToDoubleFunction<ReaderStats> value) {
        return routes.readerStats().stream()
                .filter(stats -> stats.transport().equals(transport))
                .mapToDouble(value)
                .sum();
    }

    @Override
    public void connectionOpened() {
        opened.increment();
    }

    @Override
    public void connectionClosed(CloseCause cause) {
        Meters.increment(closed, cause);
    }

    @Override
    public void limitReached(Bound bound) {
        Meters.increment(limits, bound);
    }
}
