package dev.confab.netty;

import java.time.Duration;

/**
 * The limits for a request and a connection. Start from {@link #defaults()}. Behind a foreign HTTP decoder, Confab
 * enforces only {@code maxBody}, {@code bodyTimeout} and {@code maxPipelined}.
 *
 * @param maxRequestLine the largest size of the request line in bytes; the response to a longer line is 414. The
 *     default of 8 KiB has room for 64 rooms of 64 characters, and is the size that RFC 9112 section 3 recommends
 * @param maxHeaders the largest size of all headers together in bytes; the response to larger headers is 431
 * @param maxBody the largest size of the body in bytes; the response to a larger body is 413
 * @param maxPipelined the number of bytes of requests that wait for the response to an earlier request; with more
 *     bytes, the connection is not read until requests have been handled
 * @param headerTimeout the time from the first byte of a request, or from the start of a new connection, to the end of
 *     the headers
 * @param bodyTimeout the time from the end of the headers to the end of the body
 * @param idleTimeout how long a connection is kept without a request, and how long a client may take no data of a
 *     response
 */
public record HttpConfig(
        int maxRequestLine,
        int maxHeaders,
        int maxBody,
        int maxPipelined,
        Duration headerTimeout,
        Duration bodyTimeout,
        Duration idleTimeout) {

    public static HttpConfig defaults() {
        return new HttpConfig(
                8 << 10,
                8 << 10,
                64 << 10,
                64 << 10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(75));
    }

    public HttpConfig {
        check("maxRequestLine", maxRequestLine);
        check("maxHeaders", maxHeaders);
        check("maxBody", maxBody);
        check("maxPipelined", maxPipelined);
        check("headerTimeout", headerTimeout.toMillis());
        check("bodyTimeout", bodyTimeout.toMillis());
        check("idleTimeout", idleTimeout.toMillis());
    }

    public HttpConfig withTimeouts(Duration header, Duration body, Duration idle) {
        return new HttpConfig(maxRequestLine, maxHeaders, maxBody, maxPipelined, header, body, idle);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
