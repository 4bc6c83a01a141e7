package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/**
 * The rate limit for the publishes of one client. Endpoints that publish call {@link #count} before each publish. May
 * be kept longer than the exchange from which it comes. Safe for any thread.
 */
public final class PublishLimit {
    public static final PublishLimit NONE = new PublishLimit(null, null);

    private final @Nullable TokenBuckets buckets;
    private final @Nullable String address;
    private final @Nullable String principal;

    /**
     * @param buckets null for no limit
     * @param address the key of the client's address; null for a client without an address
     */
    PublishLimit(@Nullable TokenBuckets buckets, @Nullable String address) {
        this(buckets, address, null);
    }

    private PublishLimit(@Nullable TokenBuckets buckets, @Nullable String address, @Nullable String principal) {
        this.buckets = buckets;
        this.address = address;
        this.principal = principal;
    }

    /** Returns a limit that also counts the publishes of a principal, from all its addresses. */
    public PublishLimit and(@Nullable Principal client) {
        return buckets == null || client == null
                ? this
                : new PublishLimit(
                        buckets, address, "principal:" + client.nick().name());
    }

    /**
     * Counts a publish that is about to be made.
     *
     * @throws HttpException {@code rate_limited} if the client has reached the limit: the publish must not be made
     */
    public void count() {
        // The principal comes first: its refused publishes must not use up the rate of others at the same address.
        if (!(takes(principal) && takes(address))) {
            throw HttpException.of(
                    HttpReason.RATE_LIMITED,
                    "Too many messages in a short time: send the message again after a second");
        }
    }

    private boolean takes(@Nullable String key) {
        return buckets == null || key == null || buckets.take(key);
    }
}
