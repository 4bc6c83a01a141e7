package dev.confab.netty;

import java.time.Duration;

/**
 * What a request and a connection may cost. Start from {@link #defaults()}. Behind a foreign HTTP decoder only {@code maxBody},
 * {@code bodyTimeout} and {@code maxPipelined} are ours to enforce.
 *
 * @param maxRequestLine bytes of the first line; more is 414. The default of 8 KiB has room for 64 rooms of 64 characters, and is
 *     what RFC 9112 section 3 recommends
 * @param maxHeaders bytes of all headers; more is 431
 * @param maxBody bytes of the body; more is 413
 * @param maxPipelined bytes of requests that wait for an earlier one's answer, before the connection is read no further
 * @param headerTimeout from the first byte of a request (on a new connection: from the start) to the end of its headers
 * @param bodyTimeout from the headers to the end of the body
 * @param idleTimeout how long a connection is kept without a request, and how long a client may take nothing of an answer
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

    /** Other timeouts. */
    public HttpConfig withTimeouts(Duration header, Duration body, Duration idle) {
        return new HttpConfig(maxRequestLine, maxHeaders, maxBody, maxPipelined, header, body, idle);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
