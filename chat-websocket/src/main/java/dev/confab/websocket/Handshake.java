package dev.confab.websocket;

import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's part of the opening handshake (RFC 6455 section 4.2).
 *
 * @param accept the value of {@code Sec-WebSocket-Accept}
 * @param subprotocol the server's subprotocol, if the client offered it; otherwise null
 */
record Handshake(String accept, @Nullable String subprotocol) {
    /** The subprotocol that clients may offer. A later, incompatible version would have another name. */
    static final String SUBPROTOCOL = "confab.v1";

    private static final String VERSION = "13";
    private static final String WEBSOCKET = "websocket";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final String UPGRADE = "Upgrade";

    /**
     * Returns whether the request is not a handshake of WebSocket version 13 over HTTP/1.1. Then
     * {@link #upgradeRequired} is the response.
     */
    static boolean isMissing(HttpHeaders headers, boolean isHttp11) {
        return !isHttp11
                || !headers.containsValue(HttpHeaderNames.UPGRADE, WEBSOCKET, true)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE, true)
                || !VERSION.equals(only(headers, HttpHeaderNames.SEC_WEBSOCKET_VERSION));
    }

    static Response upgradeRequired() {
        return HttpException.of(HttpReason.UPGRADE_REQUIRED, "This path accepts only WebSocket version 13")
                .toAnswer()
                .with(HttpHeaderNames.UPGRADE, WEBSOCKET)
                .with(HttpHeaderNames.CONNECTION, UPGRADE)
                .with(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
    }

    /** @throws HttpException 400 when the key is missing or invalid */
    static Handshake of(HttpHeaders headers) {
        String key = only(headers, HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key == null || !isKey(key)) {
            throw HttpException.of(HttpReason.BAD_REQUEST, "Sec-WebSocket-Key (expected: 16 bytes in base64)");
        }
        return new Handshake(accept(key), subprotocol(headers));
    }

    /** @param first the first frames; the buffer is released when the response has been sent */
    Response toAnswer(ByteBuf first) {
        Response answer = Response.of(HttpResponseStatus.SWITCHING_PROTOCOLS, first)
                .with(HttpHeaderNames.UPGRADE, WEBSOCKET)
                .with(HttpHeaderNames.CONNECTION, UPGRADE)
                .with(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
        return subprotocol == null ? answer : answer.with(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-1", e);
        }
    }

    private static @Nullable String subprotocol(HttpHeaders headers) {
        return headers.containsValue(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL, false) ? SUBPROTOCOL : null;
    }

    private static @Nullable String only(HttpHeaders headers, CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.size() == 1 ? values.get(0).strip() : null;
    }
}
