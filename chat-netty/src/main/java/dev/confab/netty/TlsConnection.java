package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler behind the TLS handler of a connection. Adds the HTTP handlers when the handshake is complete, so that no
 * byte reaches them before, and their timeouts begin then. Knows whether the TLS handler has bytes to encrypt.
 */
final class TlsConnection extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TlsConnection.class);

    private final SSLEngine engine;
    private final Routes routes;
    private final Admission admission;
    private boolean isServing;

    /** Whether the TLS handler may have bytes that it has not encrypted yet. */
    private boolean isUnflushed;

    private int writes;

    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    private TlsConnection(SSLEngine engine, Routes routes, Admission admission) {
        this.engine = engine;
        this.routes = routes;
        this.admission = admission;
    }

    /**
     * Serves a new connection, which counts for the limits of its client from now on, because handshakes use what all
     * clients share, too.
     *
     * @param routes serve the connection after the handshake
     */
    static void addTo(Channel channel, TlsContext tls, Routes routes) {
        Admission admission = routes.admit(channel);
        if (channel.isOpen()) {
            SslHandler handler = tls.handler(channel.alloc());
            channel.pipeline().addLast(handler, new TlsConnection(handler.engine(), routes, admission));
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        isUnflushed = true;
        writes++;
        ctx.write(message, promise);
    }

    /** The TLS handler encrypts everything at once, unless its engine has to do something else first. */
    @Override
    public void flush(ChannelHandlerContext ctx) {
        int before = writes;
        ctx.flush();
        // A flush can make a handler write again.
        if (isUnflushed && writes == before) {
            isUnflushed = engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
        }
    }

    /** Returns whether the TLS handler has encrypted all bytes that were written. */
    boolean isFlushed() {
        return !isUnflushed;
    }

    /**
     * Lets the TLS handler write what its engine has to say. From Netty 4.2.19 on, the handler does so with the next
     * write, which then goes through the pipeline.
     */
    void flushAgain() {
        isUnflushed = true;
        flush(context);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                isServing = true;
                routes.addHttpTo(ctx.pipeline(), admission);
            } else {
                LOG.debug("TLS handshake failed", handshake.cause());
            }
        } else if (event == ServerEvent.DRAINING && !isServing) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Passes on a fault of the client's TLS as the connection fault that it is, and not as a fault of a decoder. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable fault =
                cause instanceof DecoderException && cause.getCause() instanceof SSLException tls ? tls : cause;
        if (isServing) {
            ctx.fireExceptionCaught(fault);
        } else {
            LOG.debug("Connection closed before the end of its TLS handshake", fault);
            ctx.close();
        }
    }
}
