package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Signal;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections of one node that read the log: WebSockets, event streams, and polls while they wait. An
 * application passes one {@code Sessions} to all its transports, and uses it to list the sessions, to send notices to
 * them, and to close them.
 *
 * <p>A notice is not in the log. Delivery is best effort: a client that is not connected, or does not keep up with
 * reading, does not get the notice. Polls get no notices.
 *
 * <p>Sessions of other nodes are not included. Safe for any thread. No method blocks. The stages complete on an event
 * loop, which the caller must not block.
 */
public final class Sessions {
    /** The largest number of sessions that a list has. */
    public static final int MAX_LISTED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    private static final int MAX_REASON_BYTES = 123;

    /** A name as in {@link Hello}. */
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}");

    private final Map<EventLoop, SessionLoop> loops = new ConcurrentHashMap<>();
    private final List<SessionListener> listeners = new CopyOnWriteArrayList<>();
    private final Consumer<Signal> onSignal = this::deliver;
    private final Set<ChatService> followed = ConcurrentHashMap.newKeySet();
    private final SignalConfig signals;

    /** Creates a registry without sessions, with {@link SignalConfig#defaults()}. */
    public Sessions() {
        this(SignalConfig.defaults());
    }

    /** @param signals limits the signals of a connection */
    public Sessions(SignalConfig signals) {
        this.signals = signals;
    }

    /** Adds a listener for the sessions that open and close from now on. */
    public void addListener(SessionListener listener) {
        listeners.add(listener);
    }

    /** Returns the sessions that read {@code room}, in no particular order; at most {@value #MAX_LISTED}. */
    public CompletionStage<List<SessionInfo>> list(Room room) {
        return list(room, entry -> true);
    }

    /**
     * Returns the sessions of all clients that connected with {@code nick}, in no particular order; at most
     * {@value #MAX_LISTED}. This looks at every session.
     */
    public CompletionStage<List<SessionInfo>> list(Nick nick) {
        return list(null, entry -> nick.equals(entry.peer().nick()));
    }

    /**
     * Sends a notice to one session.
     *
     * @param session the name from {@code hello} or {@link SessionInfo}
     * @return whether the session exists, gets notices and keeps up with reading
     */
    public CompletionStage<Boolean> send(String session, String text) {
        LiveEvent event = LiveEvent.notice(null, null, text);
        // Polls get no notices.
        return apply(named(session), entry -> {
            boolean takes = entry.peer().takes(event.type());
            if (takes) {
                new LiveDelivery(entry.peer().channel().eventLoop(), event, List.of(entry), () -> {}).run();
            }
            return takes;
        });
    }

    /** Sends a notice to all sessions. */
    public void broadcast(String text) {
        broadcast(null, LiveEvent.notice(null, null, text), null);
    }

    /** Sends a notice to all sessions that read {@code room}. */
    public void broadcast(Room room, String text) {
        broadcast(room, LiveEvent.notice(room, null, text), null);
    }

    /** Sends a notice to all sessions except {@code session}. */
    public void broadcastExcept(String session, String text) {
        broadcast(null, LiveEvent.notice(null, null, text), session);
    }

    /** Sends a notice to all sessions that read {@code room}, except {@code session}. */
    public void broadcastExcept(String session, Room room, String text) {
        broadcast(room, LiveEvent.notice(room, null, text), session);
    }

    /**
     * Closes a session. A WebSocket is closed with this code and reason. An event stream ends, and its client connects
     * again. A poll gets its response, which is an empty page.
     *
     * <p>This looks at every poll if no WebSocket and no event stream has the name.
     *
     * @param session the name from {@code hello} or {@link SessionInfo}
     * @param code 1000, 1001, 1008, 1011 to 1013, or 3000 to 4999; a client of this protocol connects again after 1001,
     *     1011 to 1013, and 4000 to 4499
     * @param reason a text for people, at most 123 bytes of UTF-8
     * @return whether the session exists
     * @throws IllegalArgumentException if the code or the reason cannot be sent
     */
    public CompletionStage<Boolean> close(String session, int code, String reason) {
        if (code != 1000
                && code != 1001
                && code != 1008
                && (code < 1011 || code > 1013)
                && (code < 3000 || code > 4999)) {
            throw new IllegalArgumentException(
                    "code: " + code + " (expected: 1000, 1001, 1008, 1011 to 1013, or 3000 to 4999)");
        }
        int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "reason: " + bytes + " bytes (expected: at most " + MAX_REASON_BYTES + ")");
        }
        Predicate<SessionEntry> action = entry -> {
            entry.peer().close(code, reason);
            return true;
        };
        long number = number(session);
        return apply(named(session), action)
                .thenCompose(isClosed -> isClosed
                        ? CompletableFuture.completedFuture(true)
                        : apply(loop -> loop.findUnnamed(number), action));
    }

    /**
     * Adds a session whose client knows its name, for a transport. Called on the event loop of the session.
     *
     * @param name {@link Hello#session}
     * @return the entry, which the transport must close when the session ends
     */
    public SessionEntry open(String name, Peer peer, RoomSet rooms) {
        return open(HexFormat.fromHexDigitsToLong(name), true, peer, rooms);
    }

    /**
     * Like {@link #open(String, Peer, RoomSet)}, for a client that does not know its name, which is random. So a client
     * cannot name this session as its own.
     */
    public SessionEntry open(Peer peer, RoomSet rooms) {
        return open(ThreadLocalRandom.current().nextLong(), false, peer, rooms);
    }

    private SessionEntry open(long number, boolean isNamed, Peer peer, RoomSet rooms) {
        SessionLoop loop = loopOf(peer.channel().eventLoop());
        SessionEntry entry = new SessionEntry(loop, number, isNamed, System.currentTimeMillis(), peer, rooms);
        loop.add(entry);
        tell(entry, SessionListener::opened);
        return entry;
    }

    private SessionLoop loopOf(EventLoop executor) {
        SessionLoop known = loops.get(executor);
        return known != null ? known : loops.computeIfAbsent(executor, e -> new SessionLoop(this, e));
    }

    /** Delivers the signals of a service to the sessions, for a transport that begins to serve. Idempotent. */
    public void follow(ChatService chat) {
        if (followed.add(chat)) {
            chat.addSignalListener(onSignal);
        }
    }

    /** Delivers no more signals of a service, for a transport that drains. Idempotent. */
    public void unfollow(ChatService chat) {
        if (followed.remove(chat)) {
            chat.removeSignalListener(onSignal);
        }
    }

    private void deliver(Signal signal) {
        broadcast(signal.room(), LiveEvent.signal(signal), signal.session());
    }

    /**
     * Counts a signal of a connection. Called on the event loop of the connection.
     *
     * @return false if the connection has sent more signals than {@link SignalConfig} allows
     */
    boolean maySignal(Channel channel) {
        return TokenBucket.of(channel, signals).take(System.nanoTime());
    }

    /**
     * Returns the session that a client names as its own in a request, with which it publishes.
     *
     * @return null for none
     * @throws HttpException {@code invalid_parameter} if this cannot be the name of a session
     */
    static @Nullable String name(Query query) {
        String name = query.first("session");
        if (name != null && !NAME.matcher(name).matches()) {
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER, "session", name, "the session from hello, 16 hexadecimal digits");
        }
        return name;
    }

    /**
     * Looks for the session that a client names as its own. A session of another principal is not the client's own. A
     * session of another node is not known here.
     *
     * @param named null for none
     * @param next gets the name, or null if there is no such session; runs on the event loop of the exchange
     */
    void findOwn(Exchange exchange, Identity identity, @Nullable String named, Consumer<@Nullable String> next) {
        if (named == null) {
            next.accept(null);
            return;
        }
        Principal principal = identity.principal();
        Predicate<SessionEntry> isOwn = entry ->
                principal == null || principal.nick().equals(entry.peer().nick());
        SessionLoop near = loops.get(exchange.channel().eventLoop());
        SessionEntry found = near == null ? null : near.findNamed(number(named));
        if (found != null) {
            next.accept(isOwn.test(found) ? named : null);
        } else {
            CompletionStage<Boolean> elsewhere = apply(named(named), isOwn);
            exchange.then(elsewhere.toCompletableFuture(), isFound -> next.accept(isFound ? named : null));
        }
    }

    void closed(SessionEntry entry) {
        tell(entry, SessionListener::closed);
    }

    /**
     * Sends an event to sessions. When too many events wait for an event loop, its sessions do not get the event.
     *
     * @param room the room that the sessions read; null for all sessions
     * @param except the name of the session that does not get the event; null if all get it
     */
    public void broadcast(@Nullable Room room, LiveEvent event, @Nullable String except) {
        long left = number(except);
        for (SessionLoop loop : loops.values()) {
            if (loop.reserve()) {
                Runnable delivery = () -> deliver(loop, room, event, except != null, left);
                onLoop(loop, delivery, loop::release);
            }
        }
    }

    private static void deliver(SessionLoop loop, @Nullable Room room, LiveEvent event, boolean isExcept, long except) {
        List<SessionEntry> targets = loop.in(room);
        if (isExcept) {
            targets.removeIf(entry -> entry.number() == except);
        }
        new LiveDelivery(loop.executor(), event, targets, loop::release).run();
    }

    private CompletionStage<List<SessionInfo>> list(@Nullable Room room, Predicate<SessionEntry> wanted) {
        return ask(
                        loop -> loop.in(room).stream()
                                .filter(wanted)
                                .limit(MAX_LISTED)
                                .map(SessionEntry::info)
                                .toList(),
                        List.<SessionInfo>of())
                .thenApply(lists ->
                        lists.stream().flatMap(List::stream).limit(MAX_LISTED).toList());
    }

    private static Function<SessionLoop, @Nullable SessionEntry> named(String session) {
        long number = number(session);
        return loop -> loop.findNamed(number);
    }

    /** Applies {@code action} to a session on its event loop. The result is false if no event loop has the session. */
    private CompletionStage<Boolean> apply(
            Function<SessionLoop, @Nullable SessionEntry> search, Predicate<SessionEntry> action) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        ask(
                        loop -> {
                            SessionEntry found = search.apply(loop);
                            boolean isApplied = found != null && action.test(found);
                            if (isApplied) {
                                // The other event loops need not be waited for.
                                result.complete(true);
                            }
                            return isApplied;
                        },
                        false)
                .whenComplete((results, failure) -> {
                    if (failure == null) {
                        result.complete(false);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
        return result;
    }

    /** Asks every event loop. */
    private <T> CompletionStage<List<T>> ask(Function<SessionLoop, T> question, T ifEnded) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (SessionLoop loop : loops.values()) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            onLoop(loop, () -> complete(answer, loop, question), () -> answer.complete(ifEnded));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> answers.stream().map(CompletableFuture::join).toList());
    }

    private static <T> void complete(CompletableFuture<T> answer, SessionLoop loop, Function<SessionLoop, T> question) {
        try {
            answer.complete(question.apply(loop));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static void onLoop(SessionLoop loop, Runnable task, Runnable ifEnded) {
        try {
            loop.executor().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The sessions of an event loop that has ended are ignored", e);
            ifEnded.run();
        }
    }

    /** Returns the number of a name. A text that is no name has a number of no session, almost certainly. */
    private static long number(@Nullable String name) {
        try {
            return name == null ? 0 : HexFormat.fromHexDigitsToLong(name);
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    private void tell(SessionEntry entry, BiConsumer<SessionListener, SessionInfo> event) {
        if (listeners.isEmpty()) {
            return;
        }
        SessionInfo info = entry.info();
        for (SessionListener listener : listeners) {
            try {
                event.accept(listener, info);
            } catch (RuntimeException e) {
                LOG.warn("A listener of sessions failed", e);
            }
        }
    }
}
