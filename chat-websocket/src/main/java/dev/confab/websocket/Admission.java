package dev.confab.websocket;

import dev.confab.core.Position;
import dev.confab.netty.Exchange;
import dev.confab.netty.HttpException;
import dev.confab.netty.Identity;
import dev.confab.netty.Principal;
import dev.confab.netty.PublishLimit;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import dev.confab.websocket.ClientFrame.Auth;
import dev.confab.websocket.ClientFrame.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose client has not authenticated yet: the first frame must have a token. Nothing is read or written
 * for the client before. Confined to the event loop, except for {@link #drain}.
 */
final class Admission implements SocketListener {
    private final WebSocketHandler handler;
    private final Channel channel;
    private final ReadRequest request;
    private final boolean echo;
    private final Identity identity;
    private final PublishLimit publishes;
    private final Socket socket;
    private @Nullable Timeout deadline;
    private boolean isAsking;

    private Admission(
            WebSocketHandler handler, Exchange exchange, ReadRequest request, boolean echo, Identity identity) {
        this.handler = handler;
        this.channel = exchange.channel();
        this.publishes = exchange.publishLimit();
        this.request = request;
        this.echo = echo;
        this.identity = identity;
        this.socket = handler.createSocket(this);
    }

    /** Completes the handshake, and waits for the first frame for a limited time. */
    static void begin(
            WebSocketHandler handler,
            Exchange exchange,
            Handshake handshake,
            ReadRequest request,
            boolean echo,
            Identity identity) {
        Admission admission = new Admission(handler, exchange, request, echo, identity);
        handler.begin(admission);
        if (exchange.takeOver(handshake.toAnswer(Unpooled.EMPTY_BUFFER), admission.socket) == null) {
            handler.end(admission);
        } else if (admission.socket.isOpen()) {
            admission.deadline =
                    TimerWheel.of(admission.channel.eventLoop()).in(identity.firstFrameMillis(), admission::expire);
            if (handler.isDraining()) {
                // The drain may have listed the admissions just before this one.
                admission.socket.close(CloseCode.GOING_AWAY);
            }
        }
    }

    /** Closes the connection. A client whose token came in time did nothing wrong, and may come back. */
    private void expire() {
        socket.close(isAsking ? CloseCode.OVERLOADED : CloseCode.UNAUTHENTICATED);
    }

    Socket socket() {
        return socket;
    }

    PublishLimit publishes() {
        return publishes;
    }

    Channel channel() {
        return channel;
    }

    /** Closes the connection, which has no session yet. Safe for any thread. */
    void drain() {
        channel.eventLoop().execute(() -> {
            if (socket.isOpen()) {
                socket.close(CloseCode.GOING_AWAY);
            }
        });
    }

    @Override
    public void message(ByteBuf payload, boolean isText) {
        Auth auth = isText && !isAsking ? parse(ByteBufUtil.getBytes(payload)) : null;
        if (auth == null) {
            socket.close(CloseCode.UNAUTHENTICATED);
            return;
        }
        // Frames that follow are read when the session exists.
        isAsking = true;
        socket.hold(true);
        identity.authenticate(auth.token(), request.rooms())
                .thenCompose(principal -> {
                    identity.check(request.nick());
                    return handler.chat().locate(request.rooms(), request.start());
                })
                .whenCompleteAsync((position, failure) -> decided(auth.tag(), position, failure), channel.eventLoop());
    }

    private static @Nullable Auth parse(byte[] frame) {
        try {
            return FrameParser.parse(frame) instanceof Auth auth ? auth : null;
        } catch (FrameException e) {
            return null;
        }
    }

    private void decided(Tag tag, @Nullable Position position, @Nullable Throwable failure) {
        if (!socket.isOpen()) {
            return;
        }
        if (position == null) {
            HttpException problem =
                    HttpException.of(failure == null ? new IllegalStateException("no position") : failure);
            write(ServerFrame.error(problem.code(), String.valueOf(problem.getMessage()), tag));
            socket.close(closeCode(problem.code()));
            return;
        }
        cancel();
        Principal principal = identity.principal();
        write(ServerFrame.authenticated(principal == null ? null : principal.expires(), tag));
        handler.open(this, request, echo, identity, position);
        handler.end(this);
        socket.hold(false);
    }

    private void write(byte[] json) {
        socket.write(Frames.text(socket.allocator(), json));
    }

    private static CloseCode closeCode(String code) {
        return switch (code) {
            case "unauthenticated" -> CloseCode.UNAUTHENTICATED;
            case "forbidden" -> CloseCode.FORBIDDEN;
            case "internal" -> CloseCode.INTERNAL;
            default -> CloseCode.OVERLOADED;
        };
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed(Ending ending) {
        cancel();
        handler.end(this);
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel();
        }
    }
}
