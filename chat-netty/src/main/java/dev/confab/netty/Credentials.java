package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The part of a request, or of a WebSocket's {@code auth} frame, that tells who the client is. */
public final class Credentials {
    private final @Nullable String token;
    private final HttpHeaders headers;
    private final Channel channel;

    Credentials(@Nullable String token, HttpHeaders headers, Channel channel) {
        this.token = token;
        this.headers = headers;
        this.channel = channel;
    }

    /**
     * Returns the token of the client, from the first of these places that has one: {@code Authorization: Bearer}, the
     * WebSocket subprotocol {@code bearer.<token>}, the {@linkplain AccessConfig#cookie() cookie}, the
     * {@linkplain AccessConfig#queryParameter() query parameter}; or the token of the frame. Null if there is none.
     */
    public @Nullable String token() {
        return token;
    }

    /** Returns the headers of the request, which must not be changed; empty for a frame. */
    public HttpHeaders headers() {
        return headers;
    }

    /** Returns the address of the other end of the connection, which may be a proxy. */
    public @Nullable SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    /** Returns a text without the token. */
    @Override
    public String toString() {
        return "Credentials[" + (token == null ? "no token" : "a token") + "]";
    }
}
