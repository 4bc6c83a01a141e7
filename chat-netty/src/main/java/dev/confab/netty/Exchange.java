package dev.confab.netty;

import dev.confab.core.ChatException;
import dev.confab.core.RoomSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one response. Confined to the channel's event loop.
 *
 * <p>An exchange has exactly one response, by one of {@link #answer}, {@link #answerWhole}, {@link #begin},
 * {@link #fail} and {@link #takeOver}. A second response throws an {@link IllegalStateException}. When the client has
 * already gone away, the response is dropped silently.
 */
public final class Exchange {
    private enum State {
        OPEN,
        /** The response is being written in parts. */
        WRITING,
        ANSWERED,
        GONE
    }

    private final HttpConnection connection;
    private final boolean wantsKeepAlive;
    private final boolean isHeadRequest;
    private final boolean isHttp11;
    private final boolean isSafe;
    private @Nullable RequestHead head;
    private ByteBuf content;
    private @Nullable Runnable gone;
    private State state = State.OPEN;
    private @Nullable PartedResponse parts;

    /** @param content the body; the exchange releases the buffer */
    Exchange(HttpConnection connection, RequestHead head, ByteBuf content) {
        this.connection = connection;
        this.head = head;
        this.content = content;
        this.wantsKeepAlive = head.wantsKeepAlive();
        this.isHeadRequest = head.line().isHeadRequest();
        this.isHttp11 = head.line().isHttp11();
        this.isSafe = head.line().isSafe();
    }

    public Channel channel() {
        return connection.channel();
    }

    /** The request's head. Its headers must not be changed, because requests with the same headers may share them. */
    public HttpRequest request() {
        return head().request();
    }

    /** The query parameters of the request's target. */
    public Query query() {
        return head().line().query();
    }

    /**
     * Parses {@link #query()}. Requests with the same request line are parsed once and share the result, although they
     * may come from different clients and differ in their headers.
     *
     * @param parser must return an equal result whenever the endpoint calls it with the same query; its exceptions are
     *     passed on
     * @param type the type of the result; must be immutable
     */
    public <T> T parsed(Class<T> type, Function<? super Query, ? extends T> parser) {
        return head().line().parsed(type, parser);
    }

    /**
     * The address of the client: the peer of the connection, or, if the peer is a
     * {@linkplain LimitsConfig#trustedProxies trusted proxy}, the client that the proxy names. Null when the connection
     * has no IP address.
     */
    public @Nullable InetAddress clientAddress() {
        return connection.admission().client();
    }

    /** The rate limit for what the client publishes with this exchange, or over the stream that follows it. */
    public PublishLimit publishLimit() {
        return connection.admission().publishLimit().and(identity().principal());
    }

    /**
     * The body; empty when the request has none. Responding releases the buffer: retain the buffer to keep it longer.
     */
    public ByteBuf content() {
        return content;
    }

    /**
     * Parses the fields of the form in the body. A form is {@code application/x-www-form-urlencoded}, or
     * {@code multipart/form-data} without files.
     *
     * @return the fields; none when the body is not a form
     * @throws HttpException {@code invalid_form} when the form is broken or not UTF-8
     */
    public Query form() {
        return switch (MediaType.of(head().headers())) {
            case FORM -> FormReader.urlEncoded(content);
            case MULTIPART -> FormReader.multipart(request(), content);
            case JSON, OTHER -> Query.ofForm("");
        };
    }

    /** The client; {@link Identity#ANYONE} if the routes have no {@link Access}. */
    public Identity identity() {
        return connection.identity();
    }

    void identify(Identity client) {
        connection.identify(client);
    }

    /** @param known completes on the event loop when the identity of the client is known, or was refused */
    void awaitIdentity(CompletableFuture<?> known) {
        connection.awaitIdentity(known, content);
    }

    /**
     * Continues if the client may do this in all the rooms. Otherwise responds with 403 {@code forbidden}. An endpoint
     * calls this before it reads or stores anything.
     *
     * @param next runs on the event loop, at once if the decision is known, unless the client goes away before
     */
    public void permitted(Operation operation, RoomSet rooms, Runnable next) {
        CompletableFuture<Boolean> decision = identity().permits(operation, rooms);
        if (decision == Decision.YES) {
            next.run();
        } else {
            ifPermitted(decision, next);
        }
    }

    private void ifPermitted(CompletableFuture<Boolean> decision, Runnable next) {
        then(decision, isPermitted -> {
            if (!isPermitted) {
                throw Identity.forbidden();
            }
            if (isOpen()) {
                next.run();
            }
        });
    }

    /** Whether only the head of the response is sent. */
    public boolean isHeadRequest() {
        return isHeadRequest;
    }

    /** Whether the connection stays open after the response: the client wants this, and the server is not draining. */
    public boolean isKeepAlive() {
        return wantsKeepAlive && !connection.isDraining();
    }

    /** Whether the request is HTTP/1.1; otherwise it is HTTP/1.0, which does not support chunks. */
    public boolean isHttp11() {
        return isHttp11;
    }

    /**
     * Whether the response may be one that was encoded in advance. This requires an HTTP/1.1 request other than HEAD,
     * on a connection that stays open. The response must not need headers of its own, and no foreign encoder may have
     * to see it.
     */
    public boolean takesWhole() {
        return isHttp11 && !isHeadRequest && connection.takesWhole() && isKeepAlive();
    }

    /**
     * Releases request, query and content before a response that takes a while, because they may use more memory than
     * the rest of the exchange. They are not available afterwards.
     */
    public void park() {
        head = null;
        releaseContent();
    }

    /**
     * Runs an action when the client goes away before the response is complete; at once, when the client has already
     * gone. The action replaces an earlier action, and is discarded when the response is complete.
     */
    public void onGone(Runnable action) {
        if (state == State.OPEN || state == State.WRITING) {
            gone = action;
        } else if (state == State.GONE) {
            action.run();
        }
    }

    /**
     * Responds with a complete response, including its head. Only allowed if {@link #takesWhole()}.
     *
     * @param response the encoded response; the exchange releases the buffer
     */
    public void answerWhole(ByteBuf response) {
        if (!takesWhole()) {
            response.release();
            throw new IllegalStateException("This exchange does not accept a complete response");
        }
        if (close()) {
            connection.answerWhole(response);
        } else {
            response.release();
        }
    }

    /**
     * Responds. The headers that belong to the connection are added: the length, {@code Connection}, {@code Date},
     * {@code Cache-Control: no-store} and {@code X-Content-Type-Options: nosniff}.
     *
     * @param answer the response; the exchange releases its body
     */
    public void answer(Response answer) {
        boolean keepAlive = isKeepAlive();
        boolean open;
        try {
            open = close();
        } catch (IllegalStateException e) {
            answer.release();
            throw e;
        }
        if (open) {
            connection.answer(answer, keepAlive, isHttp11, isHeadRequest);
        } else {
            answer.release();
        }
    }

    /**
     * Responds with a failure, as problem+json. The problem of a {@link dev.confab.core.ChatException} or an
     * {@link HttpException} is sent to the client. Any other failure is logged, and the response is 500
     * {@code internal} without any details. If a response in parts has begun, the connection is closed instead.
     */
    public void fail(Throwable failure) {
        Problem problem = Problem.of(failure);
        if (state == State.WRITING) {
            channel().close();
        } else {
            answer(problem.toAnswer());
        }
    }

    /**
     * Continues on the event loop with a result, at once when the result is available. If the future failed, responds
     * with the failure.
     *
     * @param result completes with a value, never with null
     */
    public <T> void then(CompletableFuture<T> result, Consumer<T> next) {
        then(result, next, this::fail);
    }

    /**
     * Like {@link #then(CompletableFuture, Consumer)}, for an endpoint that responds to a failure itself.
     *
     * @param failed receives the failure of the future, or the one that {@code next} throws, instead of {@link #fail}
     */
    public <T> void then(CompletableFuture<T> result, Consumer<T> next, Consumer<ChatException> failed) {
        BiConsumer<@Nullable T, @Nullable Throwable> go = (value, failure) -> {
            // A future swallows what its actions throw, and the client would wait.
            try {
                accept(value, failure, next, failed);
            } catch (RuntimeException e) {
                fail(e);
            }
        };
        if (result.isDone() && !result.isCompletedExceptionally()) {
            go.accept(result.join(), null);
        } else if (result.isDone()) {
            result.whenComplete(go);
        } else {
            result.whenCompleteAsync(go, channel().eventLoop());
        }
    }

    private static <T> void accept(
            @Nullable T value, @Nullable Throwable failure, Consumer<T> next, Consumer<ChatException> failed) {
        if (failure != null && Problem.causeOf(failure) instanceof HttpException refused) {
            throw refused;
        }
        try {
            if (failure != null || value == null) {
                throw ChatException.of(failure == null ? new IllegalStateException("no result") : failure);
            }
            next.accept(value);
        } catch (ChatException e) {
            failed.accept(e);
        }
    }

    /**
     * Begins a response that is written in parts, because it should not be in memory as a whole. The action of
     * {@link #onGone} stays in effect until the response is complete. Connections take turns in writing parts, so that
     * other requests of the event loop are handled in between.
     *
     * @param head the head of the response, without a body
     * @param length the length of all parts together, in bytes
     * @param part writes the next part with {@link #part}, and calls {@link #end} after the last part. Runs on the
     *     event loop, never within this call, when it is this connection's turn and the client can take more data: once
     *     for the first part, and once after each part that was written
     */
    public void begin(Response head, int length, Runnable part) {
        if (state == State.OPEN) {
            state = State.WRITING;
            park();
            parts = connection.begin(head, length, isKeepAlive(), isHttp11, part);
        } else if (state != State.GONE) {
            throw new IllegalStateException("Answered already");
        }
    }

    /** @param part is written and flushed; the exchange releases the buffer */
    public void part(ByteBuf part) {
        if (state == State.WRITING && parts != null) {
            parts.write(part);
        } else {
            part.release();
        }
    }

    /** Completes the response after all parts were written. */
    public void end() {
        if (state == State.WRITING && parts != null) {
            state = State.ANSWERED;
            gone = null;
            parts.end();
        }
    }

    /**
     * Takes the connection out of HTTP, for a stream or an upgrade. Sends {@code head}; then {@code successors} replace
     * the HTTP handlers in the pipeline, and receive the bytes that came after the request. Bytes that the successors
     * write are sent unchanged.
     *
     * <p>{@code Connection: close} is added, unless the head has a {@code Connection} or {@code Transfer-Encoding}
     * header. No length is added.
     *
     * @param head the head of the response, and optionally a body that is sent first; the exchange releases the body
     * @return the context of the last successor; null when the client is gone and the successors were not added
     */
    public @Nullable ChannelHandlerContext takeOver(Response head, ChannelHandler... successors) {
        if (close()) {
            return connection.takeOver(head, successors);
        }
        head.release();
        return null;
    }

    /** Called when the client has gone away. */
    void vanish() {
        if (state == State.OPEN || state == State.WRITING) {
            state = State.GONE;
            Runnable action = gone;
            gone = null;
            park();
            if (action != null) {
                action.run();
            }
        }
    }

    /** Whether the request changes nothing, so that it may be answered as if it had not been handled. */
    boolean isSafe() {
        return isSafe;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** @return false when the client is gone */
    private boolean close() {
        if (state == State.ANSWERED || state == State.WRITING) {
            throw new IllegalStateException("Answered already");
        }
        boolean open = state == State.OPEN;
        if (open) {
            state = State.ANSWERED;
            gone = null;
            park();
        }
        return open;
    }

    RequestHead head() {
        RequestHead known = head;
        if (known == null) {
            throw new IllegalStateException("The request was released");
        }
        return known;
    }

    private void releaseContent() {
        ByteBuf known = content;
        content = Unpooled.EMPTY_BUFFER;
        known.release();
    }
}
