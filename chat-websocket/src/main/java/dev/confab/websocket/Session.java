package dev.confab.websocket;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.Published;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Signal;
import dev.confab.core.Start;
import dev.confab.netty.HttpException;
import dev.confab.netty.Identity;
import dev.confab.netty.LiveEvent;
import dev.confab.netty.Operation;
import dev.confab.netty.Peer;
import dev.confab.netty.PublishLimit;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.SessionEntry;
import dev.confab.netty.View;
import dev.confab.websocket.ClientFrame.Auth;
import dev.confab.websocket.ClientFrame.Ping;
import dev.confab.websocket.ClientFrame.Send;
import dev.confab.websocket.ClientFrame.SendSignal;
import dev.confab.websocket.ClientFrame.Subscribe;
import dev.confab.websocket.ClientFrame.Tag;
import dev.confab.websocket.ClientFrame.Unsubscribe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session of one client, which reads the log and can also publish. Confined to its channel's event loop. */
final class Session implements SocketListener, Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private static final byte[] EMPTY = new byte[0];

    private final String name;
    private final Channel channel;
    private final @Nullable Nick nick;

    /** Whether the client gets its own messages, too. */
    private final boolean echo;

    private final ChatService chat;
    private final AckQueue acks;
    private final RoomChanges changes;
    private final SessionRooms rooms;
    private final ClientAccess access;
    private final Publishes publishes;

    @SuppressWarnings(
            "NullAway.Init") // the socket needs its listener, this session, before the session gets the socket
    private Socket socket;

    /** Reads the log for this session. At a change of the rooms, it is replaced. */
    private SessionReader reader;

    private boolean isDraining;

    @SuppressWarnings("NullAway.Init") // the entry is that of this session, so the session exists first
    private SessionEntry entry;

    /**
     * @param name the name in {@code hello}
     * @param start the cursor at which reading starts
     * @param echo whether the client gets its own messages, too
     * @param attendance the client's attendance in its rooms, which this session ends; null when the client has no nick
     * @param maxInFlight the number of unanswered publishes at which the socket is no longer read
     */
    Session(
            String name,
            Channel channel,
            ReadRequest request,
            MessageId start,
            boolean echo,
            @Nullable Attendance attendance,
            ChatService chat,
            AckQueue acks,
            RoomChanges changes,
            int maxInFlight,
            Identity identity) {
        this.name = name;
        this.channel = channel;
        this.nick = identity.nick(request.nick());
        this.chat = chat;
        this.acks = acks;
        this.changes = changes;
        this.echo = echo;
        this.rooms = new SessionRooms(request.view(), attendance);
        this.access = new ClientAccess(identity);
        this.publishes = new Publishes(maxInFlight);
        this.reader = new SessionReader(this, request.view(), start);
    }

    /** Closes the connection when the client's access ends. */
    void watch() {
        access.watch(end -> socket.close(CloseCode.of(end)));
    }

    /** Sets the socket, whose listener is this session. Called once, before the socket is added to the pipeline. */
    void writeTo(Socket target) {
        socket = target;
    }

    /** Limits what the client publishes. Called once, before the first message. */
    void limitBy(PublishLimit limit) {
        publishes.limitBy(limit);
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public @Nullable Nick nick() {
        return nick;
    }

    /** Sets the entry of this session, which lists its rooms. Called once, before the client is read. */
    void list(SessionEntry listed) {
        entry = listed;
    }

    /** Returns the name in {@code hello}. */
    String name() {
        return name;
    }

    @Override
    public String transport() {
        return "websocket";
    }

    @Override
    public MessageId position() {
        return reader.position();
    }

    @Override
    public boolean takes(LiveEvent.Type type) {
        return socket.isOpen() && channel.isWritable() && (type != LiveEvent.Type.SIGNAL || reader.isAtEnd());
    }

    @Override
    public ByteBuf encode(LiveEvent event, ByteBufAllocator allocator) {
        return Frames.text(allocator, event.json());
    }

    @Override
    public void offer(ByteBuf encoded) {
        socket.writeAndFlush(encoded.retainedDuplicate());
    }

    @Override
    public void close(int code, String reason) {
        socket.close(code, reason);
    }

    SessionReader reader() {
        return reader;
    }

    /** Replaces the reader, which has left or has not joined yet, by a reader that joins now. */
    void readWith(SessionReader next) {
        reader = next;
    }

    View view() {
        return rooms.view();
    }

    /** Sets the rooms that this session reads from now on. Called by the {@link WebSocketHandler}. */
    void show(RoomSet changed) {
        rooms.show(changed);
        entry.changeRooms(changed);
    }

    RoomSet rooms() {
        return rooms.all();
    }

    /** Returns an id in the form that the client has asked for. */
    String format(MessageId id) {
        return view().ids().format(id);
    }

    Socket socket() {
        return socket;
    }

    /** Returns whether frames may still be sent, and the channel is not closed. */
    boolean isOpen() {
        return socket.isOpen() && channel.isActive();
    }

    /** Refuses publishes from now on, and closes the connection when all accepted publishes have been answered. */
    void drain() {
        if (!isDraining) {
            isDraining = true;
            closeWhenDrained();
        }
    }

    @Override
    public void message(ByteBuf payload, boolean isText) {
        if (!isText) {
            socket.fail(CloseCode.UNSUPPORTED_DATA);
            return;
        }
        if (!payload.isReadable()) {
            // Some clients keep their connection alive in this way, and wait for the same in return.
            write(EMPTY);
            return;
        }
        try {
            take(FrameParser.parse(ByteBufUtil.getBytes(payload)));
        } catch (FrameException e) {
            refuse(e);
        }
    }

    private void take(ClientFrame frame) {
        if (frame instanceof Ping) {
            write(ServerFrame.pong());
        } else if (frame instanceof Send send) {
            publish(send);
        } else if (frame instanceof Auth auth) {
            authenticate(auth);
        } else if (frame instanceof SendSignal signal) {
            signal(signal);
        } else {
            changeRooms(frame);
        }
    }

    /** Sends a signal to all other sessions. A signal has no reply, unless it is refused. */
    private void signal(SendSignal frame) {
        try {
            Signal signal = new Signal(rooms.named(frame.room()), frame.event(), frame.data(), nick, name());
            if (!entry.maySignal()) {
                throw new FrameException(
                        FrameReason.TOO_MANY_SIGNALS, "Too many signals over this connection", frame.tag());
            }
            whenPermitted(Operation.PUBLISH, signal.room(), frame.tag(), () -> chat.signal(signal));
        } catch (ChatException e) {
            refuse(e, frame.tag());
        }
    }

    private void changeRooms(ClientFrame frame) {
        if (rooms.defer(frame)) {
            hold();
        } else if (frame instanceof Subscribe subscribe) {
            subscribe(subscribe);
        } else if (frame instanceof Unsubscribe unsubscribe) {
            unsubscribe(unsubscribe);
        }
    }

    private void subscribe(Subscribe subscribe) {
        Tag tag = subscribe.tag();
        try {
            Room room = Room.named(subscribe.room());
            Start start = subscribe.after() == null ? null : Start.parse(subscribe.after());
            rooms.check(room, subscribe);
            whenPermitted(Operation.READ, room, tag, () -> {
                rooms.enter(room);
                rooms.beginChange();
                changes.subscribe(this, room, start, tag);
            });
        } catch (ChatException e) {
            refuse(e, tag);
        }
    }

    private void unsubscribe(Unsubscribe unsubscribe) {
        Tag tag = unsubscribe.tag();
        try {
            Room room = Room.named(unsubscribe.room());
            rooms.check(room, unsubscribe);
            rooms.beginChange();
            changes.unsubscribe(this, room, tag);
        } catch (ChatException e) {
            refuse(e, tag);
        }
    }

    /** Ends the attendance in a room that this session no longer reads. */
    void exit(Room room) {
        rooms.exit(room);
    }

    /** Called when a change of the rooms has ended. Begins the change that waits. */
    void changed() {
        ClientFrame next = rooms.endChange();
        if (next != null) {
            try {
                changeRooms(next);
            } catch (FrameException e) {
                refuse(e);
            }
            hold();
        }
        flush();
    }

    private void publish(Send send) {
        try {
            Draft draft = access.sign(Draft.of(
                    rooms.named(send.room()),
                    author(send),
                    send.body(),
                    send.tag().key()));
            publishes.charge();
            whenPermitted(Operation.PUBLISH, draft.room(), send.tag(), () -> publish(draft, send.tag()));
        } catch (ChatException | HttpException e) {
            refuse(e, send.tag());
        }
    }

    private void publish(Draft draft, Tag tag) {
        if (isDraining) {
            throw new ChatException(Reason.DRAINING, "The server is shutting down: try again over a new connection");
        }
        publishes.begin();
        if (publishes.isFull()) {
            hold();
        }
        chat.publish(draft, echo ? null : name)
                .whenComplete((published, failure) -> acks.add(this, tag, published, failure));
    }

    /** Continues if the client may do this in the room, and otherwise sends an error. */
    private void whenPermitted(Operation operation, Room room, Tag tag, Runnable next) {
        whenComplete(access.permits(operation, room), tag, isPermitted -> {
            if (!isPermitted) {
                throw Identity.forbidden();
            }
            next.run();
        });
    }

    /** Continues with a result, or sends an error. No frame is read before, so frames keep their order. */
    private <T> void whenComplete(CompletableFuture<T> result, Tag tag, Consumer<T> next) {
        if (result.isDone()) {
            continueWith(result, tag, next);
            return;
        }
        hold();
        result.whenComplete((value, failure) -> {
            continueWith(result, tag, next);
            hold();
            flush();
        });
    }

    /** @param result is complete */
    private <T> void continueWith(CompletableFuture<T> result, Tag tag, Consumer<T> next) {
        if (!socket.isOpen()) {
            return;
        }
        try {
            next.accept(result.join());
        } catch (ChatException | HttpException | CompletionException e) {
            refuse(e, tag);
        }
    }

    /**
     * Takes a newer token. If it is refused, or does not permit all rooms that the client reads, the connection stays
     * open until the earlier token expires.
     */
    private void authenticate(Auth auth) {
        whenComplete(
                access.authenticate(auth.token(), rooms.readable()),
                auth.tag(),
                principal -> write(ServerFrame.authenticated(principal.expires(), auth.tag())));
    }

    /**
     * Treats the frame's nick as over HTTP, so that a publish that is repeated over another transport is the same
     * publish.
     */
    private @Nullable Nick author(Send send) {
        String name = send.nick();
        return name == null ? nick : new Nick(name);
    }

    /** Called when the outcome of a publish is known. */
    void decided(Tag tag, @Nullable Published published, @Nullable Throwable failure) {
        publishes.end();
        if (published != null) {
            write(ServerFrame.ack(view().ids().format(published.entry().id()), tag));
        } else {
            refuse(failure == null ? new IllegalStateException("no outcome") : failure, tag);
        }
        if (publishes.relax()) {
            hold();
        }
        if (isDraining) {
            closeWhenDrained();
        }
    }

    boolean isUnflushed() {
        return socket.isUnflushed();
    }

    void flush() {
        socket.flush();
    }

    private void closeWhenDrained() {
        if (publishes.isEmpty()) {
            // Publishes that the client has already sent are read and refused first, not ignored.
            reader.afterPoll(() -> socket.close(CloseCode.GOING_AWAY));
        }
    }

    /** Pauses the input while too many publishes, a decision or a change of the rooms wait. */
    private void hold() {
        socket.hold(publishes.isFull() || access.isDeciding() || rooms.isDeferring());
    }

    void refuse(Throwable failure, Tag tag) {
        write(ServerFrame.error(failure, tag));
    }

    private void refuse(FrameException e) {
        write(ServerFrame.error(e.reason().code(), e.detail(), e.tag()));
    }

    void write(byte[] json) {
        if (socket.isOpen()) {
            socket.write(Frames.text(socket.allocator(), json));
        }
    }

    void gap(Gap gap) {
        socket.writeAndFlush(Frames.text(socket.allocator(), gap.json(view().ids())));
    }

    /** Called when the log cannot be read. */
    void failed(ChatException failure) {
        CloseCode code = CloseCode.whenReadingFails(failure.reason());
        if (code != null) {
            LOG.error("The log cannot be read for a client", failure);
            socket.close(code);
        }
    }

    @Override
    public void writabilityChanged() {
        reader.writabilityChanged();
    }

    @Override
    public void closed(Ending ending) {
        LOG.debug("A session ended: {}", ending);
        entry.close();
        reader.leave();
        access.close();
        rooms.close(ending);
    }
}
