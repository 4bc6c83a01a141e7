package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decision in one place about who may do what: finds out who the client of each request is, asks about each
 * operation, and ends the connections of principals that expire or are revoked. Used by {@link Routes#with(Access)}.
 * Safe for any thread.
 */
public final class Access {
    private static final String SCHEME = "bearer ";
    private static final String SUBPROTOCOL = "bearer.";

    /** The number of the last revocations that are remembered for clients that are just connecting. */
    private static final int REMEMBERED = 1_024;

    /** Longer than the 5 s in which the authenticator of {@code chat-jwt} reads keys. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    private final ChatService chat;
    private final AccessConfig config;
    private final InstantSource clock;

    /** The time after which an authenticator or an authorizer that has not responded counts as failed. */
    private final Duration patience;

    private final LogRate unanswered = LogRate.everyMinute();
    private final Map<Nick, IntrusiveList<AccessWatch>> watches = new ConcurrentHashMap<>();

    /** The last revocations, each with its number. The oldest comes first. Guarded by itself. */
    private final Map<Nick, Long> revoked = new LinkedHashMap<>();

    /** The number of the newest revocation that is not remembered any more. Guarded by {@link #revoked}. */
    private long forgotten;

    /** The number of the last revocation. Written under the lock of {@link #revoked}. */
    private volatile long revocations;

    private Access(ChatService chat, AccessConfig config, InstantSource clock, Duration patience) {
        this.chat = chat;
        this.config = config;
        this.clock = clock;
        this.patience = patience;
    }

    /** @param chat carries revocations to other nodes */
    public static Access of(ChatService chat, AccessConfig config) {
        return of(chat, config, InstantSource.system(), PATIENCE);
    }

    static Access of(ChatService chat, AccessConfig config, InstantSource clock, Duration patience) {
        Access access = new Access(chat, config, clock, patience);
        chat.onRevocation(access::revoked);
        return access;
    }

    /**
     * Closes the connections of a principal on all nodes: on this node before the future completes, on others usually
     * at once, and within 2 s when a notification between nodes was lost. A WebSocket is closed with 4504, an event
     * stream ends with {@code event: error}, and a request that waits, for entries or for a decision, gets 401. The
     * application makes sure that its {@link Authenticator} refuses the principal's tokens from now on; the client may
     * send them again at once.
     *
     * @return a future that completes when the revocation is durable, and must not be awaited on an event loop; it
     *     fails as {@link ChatService#publish} does
     */
    public CompletableFuture<Void> revoke(Nick nick) {
        return chat.revoke(nick).thenCompose(durable -> {
            return CompletableFuture.allOf(
                    watches(nick).stream().map(AccessWatch::awaitTurn).toArray(CompletableFuture[]::new));
        });
    }

    /** Returns the time in which a WebSocket that was opened without a token may send one, in ms. */
    public long firstFrameMillis() {
        return config.firstFrame().toMillis();
    }

    AccessConfig config() {
        return config;
    }

    /**
     * Passes the exchange to the endpoint when its client is known. Otherwise responds with an error, unless the
     * endpoint takes a token later.
     */
    void admit(Exchange exchange, Endpoint endpoint) {
        Credentials credentials = credentials(exchange);
        if (exchange.identity().hasShown(this, credentials.token())) {
            endpoint.handle(exchange);
            return;
        }
        long seen = revocations;
        CompletableFuture<Principal> principal = authenticate(credentials, exchange.channel());
        if (isKnown(principal)) {
            enter(exchange, endpoint, principal.join(), credentials.token(), seen);
            return;
        }
        if (!principal.isDone()) {
            exchange.awaitIdentity(principal);
        }
        boolean mayComeLater = credentials.token() == null
                && endpoint.takesTokenLater()
                && !config.firstFrame().isZero();
        if (mayComeLater) {
            exchange.then(principal.handle((known, failure) -> known != null), isKnown -> {
                if (isKnown) {
                    enter(exchange, endpoint, principal.join(), credentials.token(), seen);
                } else if (exchange.isOpen()) {
                    exchange.identify(Identity.unknown(this, exchange.channel()));
                    endpoint.handle(exchange);
                }
            });
        } else {
            exchange.then(principal, known -> enter(exchange, endpoint, known, credentials.token(), seen));
        }
    }

    private void enter(Exchange exchange, Endpoint endpoint, Principal principal, @Nullable String token, long seen) {
        // The client may have gone away meanwhile.
        if (exchange.isOpen()) {
            Identity before = exchange.identity();
            Identity identity = before.isOf(this, principal) ? before : Identity.unknown(this, exchange.channel());
            identity.become(principal, seen);
            identity.show(token);
            exchange.identify(identity);
            endpoint.handle(exchange);
        }
    }

    /** Asks about a token that came in a frame. */
    CompletableFuture<Principal> authenticate(String token, Channel channel) {
        return authenticate(new Credentials(token, EmptyHttpHeaders.INSTANCE, channel), channel);
    }

    private CompletableFuture<Principal> authenticate(Credentials credentials, Channel channel) {
        CompletableFuture<Principal> asked =
                ask(() -> config.authenticator().authenticate(credentials), "authenticator", channel);
        return isKnown(asked) && !isOver(asked.join()) ? asked : asked.thenApply(this::requireValid);
    }

    private static boolean isKnown(CompletableFuture<Principal> principal) {
        return principal.isDone() && !principal.isCompletedExceptionally() && principal.join() != null;
    }

    private Principal requireValid(Principal principal) {
        if (isOver(principal)) {
            throw AccessEnd.EXPIRED.toException();
        }
        return principal;
    }

    /** @return completes on the event loop of the channel, at once if the authorizer decides at once */
    CompletableFuture<Boolean> decide(Principal principal, Room room, Operation operation, Channel channel) {
        return ask(() -> config.authorizer().permits(principal, room, operation), "authorizer", channel);
    }

    /**
     * Asks the application on the event loop of a channel, and returns a future that completes on this loop: at once if
     * the answer is known at once, and with {@code UNAVAILABLE} if there is no answer in time.
     */
    private <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> question, String name, Channel channel) {
        CompletableFuture<T> asked;
        try {
            asked = Objects.requireNonNull(question.get(), name);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (asked.isDone()) {
            return asked;
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Timeout deadline = TimerWheel.of(channel.eventLoop()).in(patience.toMillis(), () -> {
            long failures = unanswered.count();
            if (failures > 0) {
                LOG.warn("The {} has not responded within {} (since the last report: {})", name, patience, failures);
            }
            answer.completeExceptionally(new ChatException(
                    Reason.UNAVAILABLE, "The server cannot check the access at the moment: try again later"));
        });
        asked.whenCompleteAsync(
                (value, failure) -> {
                    deadline.cancel();
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                },
                channel.eventLoop());
        return answer;
    }

    boolean isOver(Principal principal) {
        Instant expires = principal.expires();
        return expires != null && !clock.instant().isBefore(expires);
    }

    /** Returns the time until {@code time}, rounded up to whole ms; 0 when it has passed. */
    long millisUntil(Instant time) {
        Duration left = Duration.between(clock.instant(), time);
        // About 30 years, beyond which the conversion could overflow.
        return left.isNegative() ? 0 : Math.min(left.toSeconds(), 1L << 30) * 1_000 + left.toMillisPart() + 1;
    }

    /** Returns the number of revocations until now. */
    long revocations() {
        return revocations;
    }

    /** Returns whether the nick was revoked after the first {@code seen} revocations. */
    boolean isRevokedSince(Nick nick, long seen) {
        if (seen == revocations) {
            return false;
        }
        synchronized (revoked) {
            // A client that was connecting for so long connects again.
            return seen < forgotten || revoked.getOrDefault(nick, 0L) > seen;
        }
    }

    /** Adds a reader. Returns false if its principal has too many readers, of which this one is the last. */
    boolean add(AccessWatch watch) {
        watches.compute(watch.nick(), (nick, known) -> {
            IntrusiveList<AccessWatch> all = known == null ? new IntrusiveList<>() : known;
            all.add(watch);
            watch.rank = all.size();
            return all;
        });
        return watch.rank <= config.maxReaders();
    }

    void remove(AccessWatch watch) {
        watches.computeIfPresent(watch.nick(), (nick, known) -> {
            known.remove(watch);
            return known.isEmpty() ? null : known;
        });
    }

    private List<AccessWatch> watches(Nick nick) {
        List<AccessWatch> all = new ArrayList<>();
        watches.computeIfPresent(nick, (same, known) -> {
            known.forEach(all::add);
            return known;
        });
        return all;
    }

    private void revoked(Nick nick) {
        synchronized (revoked) {
            revocations++;
            revoked.remove(nick);
            revoked.put(nick, revocations);
            if (revoked.size() > REMEMBERED) {
                Map.Entry<Nick, Long> oldest = revoked.entrySet().iterator().next();
                forgotten = oldest.getValue();
                revoked.remove(oldest.getKey());
            }
        }
        watches(nick).forEach(AccessWatch::revoke);
    }

    private Credentials credentials(Exchange exchange) {
        HttpHeaders headers = exchange.head().headers();
        String token = bearer(headers);
        if (token == null) {
            token = subprotocol(headers);
        }
        if (token == null && config.cookie() != null) {
            token = cookie(headers, config.cookie());
        }
        if (token == null && config.queryParameter() != null) {
            token = exchange.query().first(config.queryParameter());
        }
        return new Credentials(token, headers, exchange.channel());
    }

    private static @Nullable String bearer(HttpHeaders headers) {
        List<String> all = headers.getAll(HttpHeaderNames.AUTHORIZATION);
        if (all.size() > 1) {
            throw HttpException.unauthenticated("Authorization (expected: one header)");
        }
        boolean isBearer = !all.isEmpty() && all.get(0).regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        return isBearer ? all.get(0).substring(SCHEME.length()).strip() : null;
    }

    private static @Nullable String subprotocol(HttpHeaders headers) {
        for (String header : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            for (String offered : header.split(",", -1)) {
                String name = offered.strip();
                if (name.startsWith(SUBPROTOCOL)) {
                    return name.substring(SUBPROTOCOL.length());
                }
            }
        }
        return null;
    }

    private static @Nullable String cookie(HttpHeaders headers, String name) {
        for (String header : headers.getAll(HttpHeaderNames.COOKIE)) {
            for (Cookie cookie : ServerCookieDecoder.STRICT.decode(header)) {
                if (cookie.name().equals(name)) {
                    return cookie.value();
                }
            }
        }
        return null;
    }
}
