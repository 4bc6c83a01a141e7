package dev.confab.netty;

import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a server, with the state of the clients. A client is a text, the key, so that other properties than an
 * address can identify a client. Safe for any thread.
 */
final class Limits {
    private final LimitsConfig config;
    private final TrustedProxies proxies;
    private final ConnectionCounts connections = new ConnectionCounts();
    private final @Nullable TokenBuckets publishes;

    Limits(LimitsConfig config) {
        this.config = config;
        this.proxies = TrustedProxies.of(config.trustedProxies());
        this.publishes = config.publishRate() == 0
                ? null
                : new TokenBuckets(config.publishRate(), config.publishBurst(), TimeMeter.SYSTEM_NANOTIME);
    }

    TrustedProxies proxies() {
        return proxies;
    }

    ConnectionCounts connections() {
        return connections;
    }

    int maxConnectionsPerAddress() {
        return config.maxConnectionsPerAddress();
    }

    PublishLimit publishes(@Nullable InetAddress client) {
        return publishes == null
                ? PublishLimit.NONE
                : new PublishLimit(publishes, client == null ? null : ClientAddress.key(client));
    }
}
