package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;

/** The signals that a connection may still send. Confined to the event loop of the connection. */
final class TokenBucket {
    private static final AttributeKey<TokenBucket> KEY = AttributeKey.valueOf(TokenBucket.class, "signals");

    private final SignalConfig config;

    /** The number of tokens at {@link #filled}. */
    private double tokens;

    private long filled;

    TokenBucket(SignalConfig config, long now) {
        this.config = config;
        this.tokens = config.burst();
        this.filled = now;
    }

    /** Returns the bucket of a connection, which is created with its first signal. */
    static TokenBucket of(Channel channel, SignalConfig config) {
        Attribute<TokenBucket> attribute = channel.attr(KEY);
        TokenBucket bucket = attribute.get();
        if (bucket == null) {
            bucket = new TokenBucket(config, System.nanoTime());
            attribute.set(bucket);
        }
        return bucket;
    }

    /**
     * Takes a token.
     *
     * @param now the time of {@link System#nanoTime()}
     * @return false when the bucket is empty
     */
    boolean take(long now) {
        double added = (double) (now - filled) * config.perSecond() / TimeUnit.SECONDS.toNanos(1);
        tokens = Math.min(config.burst(), tokens + added);
        filled = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
