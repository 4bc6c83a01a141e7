package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts bytes and writes them directly to a socket, with the engine of the connection's {@link SslHandler}. Does so
 * only when this handler has nothing to encrypt itself, so that the records keep their order. Confined to the event
 * loop.
 */
final class TlsOutput extends SocketOutput {
    /** More than the largest record of an engine. */
    private static final int RECORD_BYTES = 40_000;

    /** The plain bytes that one record has at most (RFC 8446, section 5.1). */
    private static final int MAX_PLAIN_BYTES = 16_384;

    /** The record that is being made. A socket takes it at once, or it is copied. */
    private static final FastThreadLocal<ByteBuffer> RECORD = new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
            return ByteBuffer.allocateDirect(RECORD_BYTES);
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(TlsOutput.class);

    private final SSLEngine engine;
    private final TlsConnection connection;
    private final ChannelHandlerContext tls;

    private TlsOutput(
            Socket socket,
            ChannelOutboundBuffer pending,
            SSLEngine engine,
            TlsConnection connection,
            ChannelHandlerContext tls) {
        super(socket, pending);
        this.engine = engine;
        this.connection = connection;
        this.tls = tls;
    }

    /** @return null when a record of the engine may be too large */
    static @Nullable SocketOutput of(Channel channel, Socket socket, ChannelOutboundBuffer pending) {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        SSLEngine engine = ((SslHandler) tls.handler()).engine();
        return engine.getSession().getPacketBufferSize() <= RECORD_BYTES
                ? new TlsOutput(socket, pending, engine, pipeline.get(TlsConnection.class), tls)
                : null;
    }

    @Override
    boolean isFree() {
        return connection.isFlushed() && super.isFree();
    }

    /** Leaves bytes that need several records to the pipeline, which can wait between the records. */
    @Override
    int send(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (length > MAX_PLAIN_BYTES) {
            return 0;
        }
        ByteBuffer plain = bytes.internalNioBuffer(bytes.readerIndex(), length);
        ByteBuffer record = RECORD.get();
        record.clear();
        SSLEngineResult result;
        try {
            result = engine.wrap(plain, record);
        } catch (SSLException | RuntimeException e) {
            // The handler, which gets the bytes next, reports the failure.
            return 0;
        }
        if (record.position() > 0) {
            send(record);
        }
        if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            connection.flushAgain();
        }
        return result.bytesConsumed();
    }

    private void send(ByteBuffer record) {
        int size = record.position();
        int sent;
        try {
            sent = Math.max(0, socket.send(record, 0, size));
        } catch (IOException e) {
            // The write below reports the failure.
            sent = 0;
        }
        if (sent < size) {
            record.flip().position(sent);
            try {
                tls.writeAndFlush(tls.alloc().directBuffer(size - sent).writeBytes(record), tls.voidPromise());
            } catch (RuntimeException e) {
                // Without the rest of its record, the client cannot read on.
                LOG.warn("A connection over TLS failed and is closed", e);
                tls.close();
            }
        }
    }
}
