package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The servers of a run, all of them started before the first round. Each transport has servers of its own, unless all
 * transports share one log. For one thread.
 */
final class Fleet implements AutoCloseable {
    private final Map<Transport, Servers> servers = new EnumMap<>(Transport.class);

    private Fleet() {}

    /** @throws BenchException when a server does not start */
    static Fleet open(LoadOptions options, Set<Transport> transports) throws InterruptedException {
        Fleet fleet = new Fleet();
        try {
            Servers last = null;
            for (Transport transport : transports) {
                last = last != null && options.sharesLog() ? last : options.open();
                fleet.servers.put(transport, last);
            }
            return fleet;
        } catch (RuntimeException | InterruptedException e) {
            fleet.close();
            throw e;
        }
    }

    Servers of(Transport transport) {
        return Objects.requireNonNull(servers.get(transport));
    }

    @Override
    public void close() {
        servers.values().stream().distinct().forEach(Servers::close);
    }
}
