package dev.confab.websocket;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gap;
import dev.confab.core.Nick;
import dev.confab.core.Presence.Attendance;
import dev.confab.core.Published;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.HttpException;
import dev.confab.netty.Identity;
import dev.confab.netty.Operation;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.Reader;
import dev.confab.netty.View;
import dev.confab.websocket.ClientFrame.Auth;
import dev.confab.websocket.ClientFrame.Ping;
import dev.confab.websocket.ClientFrame.Send;
import dev.confab.websocket.ClientFrame.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session of one client, which reads the log and can also publish. Confined to its channel's event loop. */
final class Session extends Reader implements SocketListener {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private static final byte[] EMPTY = new byte[0];

    private final String name;
    private final View view;
    private final @Nullable Attendance attendance;
    private final ChatService chat;
    private final AckQueue acks;
    private final int maxInFlight;
    private final Identity identity;

    @SuppressWarnings(
            "NullAway.Init") // the socket needs its listener, this session, before the session gets the socket
    private Socket socket;

    private int inFlight;
    private boolean isOnHold;

    /** Whether a decision about a publish is awaited. Until then, no frame is read, so publishes keep their order. */
    private boolean isDeciding;

    private boolean isDraining;
    private @Nullable AccessWatch watch;

    /** Belongs to the {@link BroadcastHub}. Kept here, because a field costs less than a map. */
    int hubIndex;

    /**
     * @param name the name of the session in {@code hello}
     * @param attendance the client's attendance in its rooms, which this session ends; null when the client has no nick
     * @param maxInFlight the number of unanswered publishes at which the socket is no longer read
     */
    Session(
            Channel channel,
            String name,
            ReadRequest request,
            @Nullable Attendance attendance,
            ChatService chat,
            AckQueue acks,
            int maxInFlight,
            Identity identity) {
        super(channel, request.nick());
        this.name = name;
        this.view = request.view();
        this.attendance = attendance;
        this.chat = chat;
        this.acks = acks;
        this.maxInFlight = maxInFlight;
        this.identity = identity;
    }

    /** Closes the connection when the client's access ends. */
    void watch() {
        watch = identity.watch(end -> socket.close(CloseCode.of(end)));
    }

    /** Sets the socket, whose listener is this session. Called once, before the socket is added to the pipeline. */
    void writeTo(Socket target) {
        socket = target;
    }

    String name() {
        return name;
    }

    View view() {
        return view;
    }

    RoomSet rooms() {
        return view.rooms();
    }

    Socket socket() {
        return socket;
    }

    /** Sends a frame that is not in the log, unless the client does not keep up with reading. */
    void offer(ByteBuf frame) {
        if (channel().isWritable()) {
            socket.writeAndFlush(frame.retainedDuplicate());
        }
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
            ClientFrame frame = FrameParser.parse(ByteBufUtil.getBytes(payload));
            if (frame instanceof Ping) {
                write(ServerFrame.pong());
            } else if (frame instanceof Send send) {
                publish(send);
            } else if (frame instanceof Auth auth) {
                authenticate(auth);
            }
        } catch (FrameException e) {
            write(ServerFrame.error(e.reason().code(), e.detail(), e.tag()));
        }
    }

    private void publish(Send send) {
        try {
            Draft draft = identity.sign(
                    Draft.of(room(send), author(send), send.body(), send.tag().key()));
            CompletableFuture<Boolean> decision = identity.permits(Operation.PUBLISH, draft.room());
            if (decision.isDone()) {
                publish(draft, send.tag(), decision);
            } else {
                hold(isOnHold, true);
                decision.whenComplete((isPermitted, failure) -> {
                    isDeciding = false;
                    publish(draft, send.tag(), decision);
                    hold(isOnHold, false);
                    flush();
                });
            }
        } catch (ChatException | HttpException e) {
            refuse(e, send.tag());
        }
    }

    /** @param decision is complete */
    private void publish(Draft draft, Tag tag, CompletableFuture<Boolean> decision) {
        if (!socket.isOpen()) {
            return;
        }
        try {
            if (!decision.join()) {
                throw Identity.forbidden();
            }
            if (isDraining) {
                throw new ChatException(
                        Reason.DRAINING, "The server is shutting down: try again over a new connection");
            }
        } catch (RuntimeException e) {
            refuse(e, tag);
            return;
        }
        inFlight++;
        if (inFlight >= maxInFlight) {
            hold(true, isDeciding);
        }
        chat.publish(draft).whenComplete((published, failure) -> acks.add(this, tag, published, failure));
    }

    /** Takes a newer token. If it is refused, the connection stays open until the earlier one expires. */
    private void authenticate(Auth auth) {
        identity.authenticate(auth.token()).whenComplete((principal, failure) -> {
            if (failure == null) {
                write(ServerFrame.authenticated(principal.expires(), auth.tag()));
            } else {
                refuse(failure, auth.tag());
            }
            flush();
        });
    }

    private void hold(boolean isFull, boolean isUndecided) {
        isOnHold = isFull;
        isDeciding = isUndecided;
        socket.hold(isFull || isUndecided);
    }

    /**
     * Treats the frame's nick as over HTTP, so that a publish that is repeated over another transport is the same
     * publish.
     */
    private @Nullable Nick author(Send send) {
        String name = send.nick();
        return name == null ? nick() : new Nick(name);
    }

    private Room room(Send send) {
        String name = send.room();
        if (name != null) {
            return new Room(name);
        }
        List<Room> rooms = rooms().rooms();
        if (rooms.size() > 1) {
            throw new ChatException(
                    Reason.INVALID_ROOM, "room: is missing (expected: one, as this connection reads several)");
        }
        return rooms.get(0);
    }

    /** Called when the outcome of a publish is known. */
    void decided(Tag tag, @Nullable Published published, @Nullable Throwable failure) {
        inFlight--;
        if (published != null) {
            write(ServerFrame.ack(view.ids().format(published.entry().id()), tag));
        } else {
            refuse(failure == null ? new IllegalStateException("no outcome") : failure, tag);
        }
        if (isOnHold && inFlight <= maxInFlight / 2) {
            hold(false, isDeciding);
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
        if (inFlight == 0) {
            // Publishes that the client has already sent are read and refused first, not ignored.
            afterNextPoll(() -> socket.close(CloseCode.GOING_AWAY));
        }
    }

    private void refuse(Throwable failure, Tag tag) {
        write(ServerFrame.error(failure, tag));
    }

    private void write(byte[] json) {
        if (socket.isOpen()) {
            socket.write(Frames.text(socket.allocator(), json));
        }
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        socket.writeAndFlush(encoded);
    }

    @Override
    protected ChannelHandler writer() {
        return socket;
    }

    @Override
    protected void gap(Gap gap) {
        socket.writeAndFlush(Frames.text(socket.allocator(), gap.json(view.ids())));
    }

    @Override
    protected void failed(ChatException failure) {
        CloseCode code = CloseCode.whenReadingFails(failure.reason());
        if (code != null) {
            LOG.error("The log cannot be read for a client", failure);
            socket.close(code);
        }
    }

    @Override
    protected void keepAlive() {
        socket.keepAlive();
    }

    @Override
    protected void stuck() {
        socket.close(CloseCode.SLOW);
    }

    @Override
    public void closed(Ending ending) {
        LOG.debug("A session ended: {}", ending);
        leave();
        if (watch != null) {
            watch.cancel();
        }
        if (attendance != null) {
            // A client that sent a close frame leaves. Any other client may be back soon.
            if (ending == Ending.BY_CLIENT) {
                attendance.leave();
            } else {
                attendance.drop();
            }
        }
    }
}
