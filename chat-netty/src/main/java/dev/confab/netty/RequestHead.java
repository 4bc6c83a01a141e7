package dev.confab.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** The information in a request's head. The query is parsed when it is first needed. Confined to the event loop. */
final class RequestHead {
    private final HttpRequest request;
    private final boolean wantsKeepAlive;
    private final boolean isHeadRequest;
    private final boolean isHttp11;
    private @Nullable Query query;
    private @Nullable Object parsed;

    RequestHead(HttpRequest request) {
        this.request = request;
        this.wantsKeepAlive = HttpUtil.isKeepAlive(request) && !isHandshake(request);
        this.isHeadRequest = request.method().equals(HttpMethod.HEAD);
        this.isHttp11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    /**
     * Returns whether the request is the opening handshake of a WebSocket. A handshake is the last request of its
     * connection even when it is rejected, because the following bytes may already be frames, which cannot be
     * distinguished from a request.
     */
    private static boolean isHandshake(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    HttpRequest request() {
        return request;
    }

    boolean wantsKeepAlive() {
        return wantsKeepAlive;
    }

    boolean isHeadRequest() {
        return isHeadRequest;
    }

    boolean isSafe() {
        return isHeadRequest || request.method().equals(HttpMethod.GET);
    }

    boolean isHttp11() {
        return isHttp11;
    }

    Query query() {
        Query known = query;
        if (known == null) {
            known = Query.of(request.uri());
            query = known;
        }
        return known;
    }

    /** Returns the object that was {@linkplain #keep kept}, if it has this type; otherwise null. */
    <T> @Nullable T parsed(Class<T> type) {
        return type.isInstance(parsed) ? type.cast(parsed) : null;
    }

    void keep(Object made) {
        parsed = made;
    }
}
