package dev.confab.netty;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/** The information in a request's head. Confined to the event loop. */
final class RequestHead {
    private final RequestLine line;
    private final HttpHeaders headers;
    private final boolean wantsKeepAlive;
    private @Nullable HttpRequest request;

    RequestHead(HttpRequest request) {
        this(new RequestLine(request), request.headers(), wantsKeepAlive(request));
        this.request = request;
    }

    RequestHead(RequestLine line, HttpHeaders headers, boolean wantsKeepAlive) {
        this.line = line;
        this.headers = headers;
        this.wantsKeepAlive = wantsKeepAlive;
    }

    static boolean wantsKeepAlive(HttpRequest request) {
        return HttpUtil.isKeepAlive(request) && !isHandshake(request);
    }

    /**
     * Returns whether the request is the opening handshake of a WebSocket. A handshake is the last request of its
     * connection even when it is rejected, because the following bytes may already be frames, which cannot be
     * distinguished from a request.
     */
    private static boolean isHandshake(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    RequestLine line() {
        return line;
    }

    HttpHeaders headers() {
        return headers;
    }

    /** Returns the head as a request. The request is created when it is first needed. */
    HttpRequest request() {
        HttpRequest known = request;
        if (known == null) {
            known = new DefaultHttpRequest(line.version(), line.method(), line.target(), headers);
            request = known;
        }
        return known;
    }

    boolean wantsKeepAlive() {
        return wantsKeepAlive;
    }
}
