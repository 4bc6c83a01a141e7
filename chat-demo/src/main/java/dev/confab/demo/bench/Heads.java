package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** The headers that readers send. Thread-safe. */
enum Heads {
    /** Only the headers that a transport needs, the same from each reader. */
    PLAIN,
    /** The headers that Chromium sends for {@code fetch}, {@code EventSource} and {@code WebSocket}, with a cookie. */
    BROWSER;

    private static final String AGENT = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
            + " (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
    private static final String ENCODING = "Accept-Encoding: gzip, deflate, br, zstd";
    private static final String LANGUAGE = "Accept-Language: en-US,en;q=0.9";

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Returns the headers of a new reader, each with its line break. All requests of the reader have these headers. */
    String of(Transport transport, Address server) {
        return switch (transport) {
            case WEBSOCKET -> this == PLAIN ? plainUpgrade(server) : browserUpgrade(server);
            case SSE ->
                this == PLAIN
                        ? lines("Host: " + server.authority(), "Accept: text/event-stream")
                        : browserRequest(server, "text/event-stream", "Pragma: no-cache", "Cache-Control: no-cache");
            case LONGPOLL, SHORTPOLL ->
                this == PLAIN ? lines("Host: " + server.authority()) : browserRequest(server, "*/*");
        };
    }

    private static String plainUpgrade(Address server) {
        return lines(
                "Host: " + server.authority(),
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    private static String browserUpgrade(Address server) {
        return lines(
                "Host: " + server.authority(),
                "Connection: Upgrade",
                "Pragma: no-cache",
                "Cache-Control: no-cache",
                AGENT,
                "Upgrade: websocket",
                "Origin: " + server.origin(),
                "Sec-WebSocket-Version: 13",
                ENCODING,
                LANGUAGE,
                cookie(),
                "Sec-WebSocket-Key: " + Base64.getEncoder().encodeToString(random()),
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
    }

    /** @param more headers that not all requests have */
    private static String browserRequest(Address server, String accept, String... more) {
        return lines("Host: " + server.authority(), "Connection: keep-alive")
                + lines(more)
                + lines(
                        "sec-ch-ua-platform: \"Linux\"",
                        AGENT,
                        "Accept: " + accept,
                        "sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"",
                        "sec-ch-ua-mobile: ?0",
                        "Sec-Fetch-Site: same-origin",
                        "Sec-Fetch-Mode: cors",
                        "Sec-Fetch-Dest: empty",
                        "Referer: " + server + "/",
                        ENCODING,
                        LANGUAGE,
                        cookie());
    }

    private static String cookie() {
        return "Cookie: session=" + HexFormat.of().formatHex(random()) + "; theme=dark";
    }

    private static byte[] random() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static String lines(String... headers) {
        StringBuilder lines = new StringBuilder();
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        return lines.toString();
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
