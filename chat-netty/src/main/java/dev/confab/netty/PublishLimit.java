package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/**
 * The rate limit for the publishes of one client. Endpoints that publish call {@link #count} before each publish. May
 * be kept longer than the exchange from which it comes. Safe for any thread.
 */
public final class PublishLimit {
    public static final PublishLimit NONE = new PublishLimit(null, "");

    private final @Nullable TokenBuckets buckets;
    private final String key;
    private final @Nullable String principal;

    /** @param buckets null for no limit */
    PublishLimit(@Nullable TokenBuckets buckets, String key) {
        this(buckets, key, null);
    }

    private PublishLimit(@Nullable TokenBuckets buckets, String key, @Nullable String principal) {
        this.buckets = buckets;
        this.key = key;
        this.principal = principal;
    }

    /** Returns a limit that also counts the publishes of a principal, from all its addresses. */
    public PublishLimit and(@Nullable Principal client) {
        // An address has no space.
        return buckets == null || client == null
                ? this
                : new PublishLimit(buckets, key, "principal " + client.nick().name());
    }

    /**
     * Counts a publish that is about to be made.
     *
     * @throws HttpException {@code rate_limited} if the client has reached the limit: the publish must not be made
     */
    public void count() {
        if (buckets != null && !(buckets.take(key) && (principal == null || buckets.take(principal)))) {
            throw HttpException.of(
                    HttpReason.RATE_LIMITED,
                    "Too many messages in a short time: send the message again after a second");
        }
    }
}
