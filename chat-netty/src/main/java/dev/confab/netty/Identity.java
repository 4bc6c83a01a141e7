package dev.confab.netty;

import dev.confab.core.Draft;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client of a connection: the principal, and the decisions that are known about it. Without an {@link Access},
 * every client is {@link #ANYONE}, who may do everything under any nick. Confined to the connection's event loop.
 */
public final class Identity {
    /** A client of routes without an {@link Access}. */
    public static final Identity ANYONE = new Identity(null, null);

    /** The number of decisions that a connection remembers: all operations in all rooms of a reader. */
    private static final int MAX_DECISIONS = RoomSet.MAX_ROOMS * Operation.values().length;

    private final @Nullable Access access;
    private final @Nullable Channel channel;
    private @Nullable Principal principal;

    /** The number of revocations that were known before the client authenticated. */
    private long seen;

    /** The token that the last request has shown, and the time until which it need not be checked again. */
    private @Nullable String token;

    private long tokenUntil;

    private @Nullable Map<Question, Answer> decisions;
    private @Nullable AccessWatch watch;

    private Identity(@Nullable Access access, @Nullable Channel channel) {
        this.access = access;
        this.channel = channel;
    }

    /** Returns the identity of a client that has not sent a valid token yet. */
    static Identity unknown(Access access, Channel channel) {
        return new Identity(access, channel);
    }

    /** Returns whether the client has authenticated, or need not do so. */
    public boolean isKnown() {
        return access == null || principal != null;
    }

    /** Returns the principal; null for a client that is anonymous or not known yet. */
    public @Nullable Principal principal() {
        return principal;
    }

    /** Returns whether this is the same client, whose decisions stay valid. The expiry may be another one. */
    boolean isOf(Access other, Principal found) {
        return access == other && principal != null && principal.isSame(found);
    }

    /** @param known the number of revocations before the client was asked about */
    void become(Principal found, long known) {
        Access guard = guard();
        if (guard.isRevokedSince(found.nick(), seen)) {
            decisions = null;
        }
        principal = found;
        seen = known;
        if (watch != null) {
            watch.expireAt(found.expires());
        }
    }

    /** Remembers a token that was checked just now. */
    void show(@Nullable String checked) {
        long nanos = guard().config().tokenLifetime().toNanos();
        token = nanos > 0 ? checked : null;
        tokenUntil = System.nanoTime() + nanos;
    }

    /** Returns whether this client has shown the same token before, and the token need not be checked again. */
    boolean hasShown(Access other, @Nullable String shown) {
        Principal known = principal;
        return token != null
                && token.equals(shown)
                && access == other
                && known != null
                && System.nanoTime() - tokenUntil < 0
                && !other.isOver(known)
                && !other.isRevokedSince(known.nick(), seen);
    }

    /**
     * Authenticates the client with a token that came in a frame. A client that is known already must stay the same.
     * The token must permit the client to read the rooms.
     *
     * @param rooms the rooms that the client reads, or will read
     * @return completes on the event loop when this identity has the new principal; fails with an {@link HttpException}
     *     or another failure of the {@link Authenticator} or the {@link Authorizer}, and then changes nothing
     */
    public CompletableFuture<Principal> authenticate(String token, RoomSet rooms) {
        Access guard = access;
        Channel connection = channel;
        if (guard == null || connection == null) {
            return CompletableFuture.failedFuture(
                    HttpException.of(HttpReason.INVALID_PARAMETER, "This server takes no tokens"));
        }
        long known = guard.revocations();
        return guard.authenticate(token, connection).thenCompose(found -> {
            Principal before = principal;
            if (before != null && !before.nick().equals(found.nick())) {
                throw HttpException.of(
                        HttpReason.FORBIDDEN, "The token belongs to another client: open a new connection");
            }
            Identity renewed = unknown(guard, connection);
            renewed.become(found, known);
            return renewed.permits(Operation.READ, rooms).thenApply(isPermitted -> {
                if (!isPermitted) {
                    throw forbidden();
                }
                become(found, known);
                decisions = renewed.decisions;
                return found;
            });
        });
    }

    /**
     * Checks a nick that a request names.
     *
     * @throws HttpException {@code forbidden} if it is not the principal's
     */
    public void check(@Nullable Nick nick) {
        Principal known = principal;
        if (nick != null && known != null && !nick.equals(known.nick())) {
            throw new HttpException(Problem.of(
                    HttpReason.FORBIDDEN, "nick", "nick: is another client's (expected: your own, or none)"));
        }
    }

    /**
     * Returns the nick of the client: the principal's, or the nick that an anonymous client names.
     *
     * @throws HttpException {@code forbidden} if a client with a principal names another nick
     */
    public @Nullable Nick nick(@Nullable Nick named) {
        check(named);
        Principal known = principal;
        return known == null ? named : known.nick();
    }

    /**
     * Returns the draft with the principal's nick.
     *
     * @throws HttpException {@code forbidden} if the draft has another nick
     */
    public Draft sign(Draft draft) {
        Principal known = principal;
        check(draft.nick());
        return known == null || draft.nick() != null ? draft : draft.by(known.nick());
    }

    /**
     * Returns whether the client may do this in all the rooms.
     *
     * @return completes on the event loop, at once if the decisions are known
     */
    public CompletableFuture<Boolean> permits(Operation operation, RoomSet rooms) {
        CompletableFuture<Boolean> all = Decision.YES;
        if (access == null) {
            return all;
        }
        for (Room room : rooms.rooms()) {
            CompletableFuture<Boolean> before = all;
            if (before == Decision.YES) {
                all = permits(operation, room);
            } else {
                all = before.thenCompose(isPermitted -> isPermitted ? permits(operation, room) : Decision.NO);
            }
        }
        return all;
    }

    /**
     * Returns whether the client may do this in the room.
     *
     * @return completes on the event loop, at once if the decision is known; fails with {@code unauthenticated} if the
     *     client has expired or was revoked, also if this happens before the decision
     */
    public CompletableFuture<Boolean> permits(Operation operation, Room room) {
        Principal known = principal;
        Access guard = access;
        if (guard == null || channel == null) {
            return Decision.YES;
        }
        if (known == null) {
            return Decision.NO;
        }
        AccessEnd end = end(guard, known);
        if (end != null) {
            return CompletableFuture.failedFuture(end.toException());
        }
        Question question = new Question(operation, room);
        Answer answer = decisions == null ? null : decisions.get(question);
        return answer != null && answer.isValid()
                ? Decision.of(answer.isPermitted)
                : guard.decide(known, room, operation, channel)
                        .thenCompose(isPermitted -> keep(guard, question, known, isPermitted));
    }

    private CompletableFuture<Boolean> keep(Access guard, Question question, Principal asked, boolean isPermitted) {
        Principal known = principal;
        AccessEnd end = known == null ? null : end(guard, known);
        if (end != null) {
            return CompletableFuture.failedFuture(end.toException());
        }
        long nanos = guard.config().decisionLifetime().toNanos();
        if (nanos > 0 && asked.equals(known)) {
            if (decisions == null || decisions.size() >= MAX_DECISIONS) {
                decisions = new HashMap<>(4);
            }
            decisions.put(question, new Answer(isPermitted, System.nanoTime() + nanos));
        }
        return Decision.of(isPermitted);
    }

    /** Returns the reason why the principal may do nothing any more; null if its access goes on. */
    private @Nullable AccessEnd end(Access guard, Principal known) {
        if (guard.isOver(known)) {
            return AccessEnd.EXPIRED;
        }
        // The numbers of old revocations are forgotten, so a connection that stays open asks its watch.
        AccessWatch reader = watch;
        boolean isRevoked =
                (reader != null && reader.isActive()) ? reader.isRevoked() : guard.isRevokedSince(known.nick(), seen);
        return isRevoked ? AccessEnd.REVOKED : null;
    }

    /**
     * Tells a reader when the access ends. A connection has one watch at a time, so an earlier one must be cancelled
     * before.
     *
     * @param action runs on the event loop, once at most, and never within this call
     * @return null for a client without a principal, whose access does not end
     */
    public @Nullable AccessWatch watch(Consumer<AccessEnd> action) {
        Principal known = principal;
        if (access == null || channel == null || known == null) {
            return null;
        }
        AccessWatch created = new AccessWatch(access, known.nick(), channel.eventLoop(), action);
        boolean fits = access.add(created);
        created.expireAt(known.expires());
        if (!fits) {
            created.endSoon(AccessEnd.CROWDED);
        } else if (access.isRevokedSince(known.nick(), seen)) {
            created.revoke();
        }
        watch = created;
        return created;
    }

    /** Returns the time in which a client that is not known may send a token in a frame, in ms. */
    public long firstFrameMillis() {
        return guard().firstFrameMillis();
    }

    /** Returns the failure for an operation that is not permitted. */
    public static HttpException forbidden() {
        return HttpException.of(HttpReason.FORBIDDEN, "You may not do this in this room");
    }

    private Access guard() {
        Access known = access;
        if (known == null) {
            throw new IllegalStateException("The client is anonymous");
        }
        return known;
    }

    private record Question(Operation operation, Room room) {}

    private record Answer(boolean isPermitted, long until) {
        boolean isValid() {
            return System.nanoTime() - until < 0;
        }
    }
}
