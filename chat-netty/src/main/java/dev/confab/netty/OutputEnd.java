package dev.confab.netty;

import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Ends the output of a connection whose input is still read. */
public final class OutputEnd {
    private OutputEnd() {}

    /**
     * Shuts the output down after the bytes that have already been written. With TLS, the notice {@code close_notify}
     * is sent first, because without it a client cannot tell this end from an attacker's. Called on the event loop.
     */
    public static void shutDown(DuplexChannel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            channel.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(sent -> channel.shutdownOutput());
        }
    }
}
