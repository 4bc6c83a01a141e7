package dev.confab.netty;

import dev.confab.core.ChatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer. Confined to the channel's event loop.
 *
 * <p>It is answered once, by one of {@link #answer}, {@link #answerWhole}, {@link #begin}, {@link #fail} and {@link #takeOver}; a second time
 * is an {@link IllegalStateException}. When the client went away before that, the answer is dropped silently.
 */
public final class Exchange {
    private enum State {
        OPEN,
        /** Its answer is being written in parts. */
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

    /** @param content taken over */
    Exchange(HttpConnection connection, RequestHead head, ByteBuf content) {
        this.connection = connection;
        this.head = head;
        this.content = content;
        this.wantsKeepAlive = head.wantsKeepAlive();
        this.isHeadRequest = head.isHeadRequest();
        this.isHttp11 = head.isHttp11();
        this.isSafe = head.isSafe();
    }

    public Channel channel() {
        return connection.channel();
    }

    /** The request's head. Not to be changed: requests that are the same may share it. */
    public HttpRequest request() {
        return head().request();
    }

    /** The parameters of the request's target. */
    public Query query() {
        return head().query();
    }

    /**
     * What {@code parser} makes of {@link #request()} and {@link #query()}, made once for requests whose heads repeat one another.
     *
     * @param parser must come to the same whenever the endpoint calls it with the same head; what it throws is thrown
     * @param type immutable
     */
    public <T> T parsed(Class<T> type, Function<? super Exchange, ? extends T> parser) {
        RequestHead known = head();
        T made = known.parsed(type);
        if (made == null) {
            made = parser.apply(this);
            known.keep(made);
        }
        return made;
    }

    /** The body, empty when there is none. Released after the answer: retain it to keep it. */
    public ByteBuf content() {
        return content;
    }

    /** Whether only the head of the answer is sent. */
    public boolean isHeadRequest() {
        return isHeadRequest;
    }

    /** Whether the connection lives on after the answer: the client wants it, and the server does not drain. */
    public boolean isKeepAlive() {
        return wantsKeepAlive && !connection.isDraining();
    }

    /** Whether it is HTTP/1.1; otherwise it is 1.0, which knows no chunks. */
    public boolean isCurrentVersion() {
        return isHttp11;
    }

    /**
     * Whether the answer may be a response made beforehand: the request is an HTTP/1.1 one on a connection that lives on, needs
     * no headers of its own, and no foreign encoder has to see the response.
     */
    public boolean takesWhole() {
        return isHttp11 && !isHeadRequest && connection.takesWhole() && isKeepAlive();
    }

    /**
     * Lets go of request, query and content, which may weigh more than all the rest, before an answer that takes a while. They
     * must not be asked for any more.
     */
    public void park() {
        head = null;
        releaseContent();
    }

    /**
     * Runs it when the client goes away before the answer; at once, when it already has. Replaces what was said before, and is
     * forgotten with the answer.
     */
    public void onGone(Runnable action) {
        if (state == State.OPEN || state == State.WRITING) {
            gone = action;
        } else if (state == State.GONE) {
            action.run();
        }
    }

    /**
     * Answers with a complete response, head included, if {@link #takesWhole()}.
     *
     * @param response taken over
     */
    public void answerWhole(ByteBuf response) {
        if (!takesWhole()) {
            response.release();
            throw new IllegalStateException("This exchange takes no whole response");
        }
        if (close()) {
            connection.answerWhole(response);
        } else {
            response.release();
        }
    }

    /**
     * Answers. What belongs to the connection is added: length, {@code Connection}, {@code Date}, {@code Cache-Control: no-store},
     * {@code X-Content-Type-Options: nosniff}.
     *
     * @param answer taken over, with its body
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
     * Answers with what went wrong, as problem+json. A {@link dev.confab.core.ChatException} and an {@link HttpException} say it;
     * anything else is logged and answered as 500 {@code internal}, and nothing of it is shown. An answer in parts that was
     * begun is broken off.
     */
    public void fail(Throwable failure) {
        Problem problem = Problem.of(failure);
        if (state == State.WRITING) {
            connection.abort();
        } else {
            answer(problem.toAnswer());
        }
    }

    /**
     * Goes on with a result on the event loop, at once when it is there; when it failed, that is the answer.
     *
     * @param result of a value, never null
     */
    public <T> void then(CompletableFuture<T> result, Consumer<T> next) {
        BiConsumer<@Nullable T, @Nullable Throwable> go = (value, failure) -> {
            try {
                if (value == null || failure != null) {
                    fail(failure == null ? new IllegalStateException("no result") : ChatException.of(failure));
                } else {
                    next.accept(value);
                }
            } catch (RuntimeException e) { // the future would keep it to itself, and the client would wait
                fail(e);
            }
        };
        if (result.isDone()) {
            result.whenComplete(go);
        } else {
            result.whenCompleteAsync(go, channel().eventLoop());
        }
    }

    /**
     * Begins an answer that is written in parts, because it should not be in memory as a whole; {@link #onGone} goes on being
     * told. Connections take turns in writing parts, so that other requests of the event loop are handled in between.
     *
     * @param head without a body
     * @param length of all parts together, in bytes
     * @param part writes the next part by {@link #part}, and after the last one calls {@link #end}. Runs on the event loop, never
     *     within this call: when it is this connection's turn and the client takes more, once for the first part and once after
     *     each one that was written
     */
    public void begin(Response head, int length, Runnable part) {
        if (state == State.OPEN) {
            state = State.WRITING;
            park();
            connection.begin(head, length, isKeepAlive(), isHttp11, part);
        } else if (state != State.GONE) {
            throw new IllegalStateException("Answered already");
        }
    }

    /** @param part taken over, and flushed */
    public void part(ByteBuf part) {
        if (state == State.WRITING) {
            connection.part(part);
        } else {
            part.release();
        }
    }

    /** All parts were written. */
    public void end() {
        if (state == State.WRITING) {
            state = State.ANSWERED;
            gone = null;
            connection.end();
        }
    }

    /**
     * Takes the connection out of HTTP, for a stream or an upgrade: sends {@code head}, then {@code successors} take the place of
     * HTTP in the pipeline, and get the bytes that came after the request. What they write goes out as it is. Unless the head
     * has a {@code Connection} or {@code Transfer-Encoding} header, {@code Connection: close} is added; no length is.
     *
     * @param head taken over; its body, if any, is the first that is sent
     * @return the context of the last successor; null when the client is gone, and the successors were not added
     */
    public @Nullable ChannelHandlerContext takeOver(Response head, ChannelHandler... successors) {
        if (close()) {
            return connection.takeOver(head, successors);
        }
        head.release();
        return null;
    }

    /** The client went away. */
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

    private RequestHead head() {
        RequestHead known = head;
        if (known == null) {
            throw new IllegalStateException("The request is let go of");
        }
        return known;
    }

    private void releaseContent() {
        ByteBuf known = content;
        content = Unpooled.EMPTY_BUFFER;
        known.release();
    }
}
