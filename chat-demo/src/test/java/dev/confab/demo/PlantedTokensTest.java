package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests that no token, cookie or message text appears in the log or in an error, even when everything is logged. */
@Timeout(120)
final class PlantedTokensTest {
    private static final String TOKEN = "Tk7pLzQw";
    private static final String COOKIE = "Ck9wRtYh";
    private static final String TEXT = "Tx2mXvBn";
    private static final String[] SECRETS = {TOKEN, COOKIE, TEXT};

    /** The header lines of each valid request. */
    private static final String CREDENTIALS = "Host: test\r\nAuthorization: Bearer " + TOKEN + "\r\nCookie: sid="
            + COOKIE + "\r\nX-Forwarded-For: " + TOKEN + "\r\n";

    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n";

    /** The requests that succeed. Only their responses may contain the text. */
    private static final List<String> VALID = List.of(
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\",\"key\":\"once\"}"),
            post("/messages", FORM, "body=" + TEXT),
            post("/pub", FORM, "message=" + TEXT),
            get("/messages?wait=0", ""),
            get("/messages?before=latest", ""),
            get("/messages?wait=1&after=latest&nick=ann", ""),
            get("/presence", ""),
            get("/health", ""));

    private static final List<String> INVALID = List.of(
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\""),
            post("/messages", JSON, "{\"body\":" + TEXT + "}"),
            post("/messages", JSON, "{\"" + TEXT + "\":1,\"body\":{\"" + TEXT + "\":1}}"),
            post("/messages", JSON, "\"" + TEXT + "\""),
            post("/messages", JSON, TEXT),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\\u0000\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\\ud800\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\u00ff\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\\x\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\",\"key\":\"once\",\"nick\":\"other\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT + "\",\"room\":\"a\"}"),
            post("/messages", JSON, "{\"body\":\"" + TEXT.repeat(2_000) + "\"}"),
            post("/messages", FORM, "body=" + TEXT + "%zz"),
            post("/messages", FORM, "body=" + TEXT + "%ff"),
            post("/messages", FORM, "body=" + TEXT + "&body=" + TEXT),
            post("/messages", FORM, "message=" + TEXT),
            post("/messages", MULTIPART, "--b\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n" + TEXT),
            post("/messages", MULTIPART, "--b\r\n" + TEXT + "\r\n--b--\r\n"),
            post("/messages", "Content-Type: text/plain\r\n", TEXT),
            post("/messages?body=" + TEXT, FORM, "body=" + TEXT),
            post("/messages?room=a%20b", FORM, "body=" + TEXT),
            post("/pub?message=" + TEXT, FORM, "message=" + TEXT),
            post("/pub", FORM, "message=" + TEXT + "%00"),
            post("/nothing", FORM, "body=" + TEXT),
            post("/events", FORM, "body=" + TEXT),
            get("/messages?wait=x", ""),
            get("/messages?after=x&before=y", ""),
            get("/ws", ""),
            get(
                    "/ws",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                            + TOKEN + "\r\n"),
            get(
                    "/ws",
                    WsClient.UPGRADE + "Sec-WebSocket-Protocol: bearer." + TOKEN
                            + "\r\nOrigin: https://evil.example\r\n"),
            get("/messages", "Origin: https://evil.example\r\n"),
            get("/messages", "Expect: " + TOKEN + "\r\n"),
            "POST /messages HTTP/1.1\r\n" + CREDENTIALS + FORM + "Content-Length: 100000\r\n\r\nbody=" + TEXT,
            "POST /messages HTTP/1.1\r\n" + CREDENTIALS + FORM + "Content-Length: " + TOKEN + "\r\n\r\nbody=" + TEXT,
            "POST /messages HTTP/1.1\r\n" + CREDENTIALS + FORM + "Transfer-Encoding: chunked\r\n\r\n" + TEXT + "\r\n",
            "POST /messages HTTP/1.1\r\n" + CREDENTIALS + FORM + "Transfer-Encoding: " + TOKEN + "\r\n\r\n" + TEXT,
            "GET /messages HTTP/1.1\r\nHost: test\r\nAuthorization : Bearer " + TOKEN + "\r\n\r\n",
            "GET /messages HTTP/1.1\r\nHost: test\r\nAuthorization Bearer " + TOKEN + "\r\n\r\n",
            "GET /messages HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer\r\n " + TOKEN + "\r\n\r\n",
            "GET /messages HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + TOKEN + "\0\r\n\r\n",
            "GET /messages HTTP/1.1\nHost: test\nCookie: sid=" + COOKIE + "\n\n",
            "GET /messages HTTP/1.1\r\nHost: test\r\nHost: " + TOKEN + "\r\n\r\n",
            "GET /messages HTTP/1.1\r\nHost: test\r\nCookie: " + COOKIE.repeat(2_000) + "\r\n\r\n",
            "GET /messages?token=" + TOKEN.repeat(2_000) + " HTTP/1.1\r\nHost: test\r\n\r\n",
            get("/messages?access_token=" + TOKEN + "&room=%zz", ""),
            "GET /messages HTTP/9.9\r\n" + CREDENTIALS + "\r\n",
            TOKEN + " " + TOKEN + " " + TOKEN + "\r\n" + CREDENTIALS + "\r\n",
            "\u0016\u0003\u0001" + TOKEN + COOKIE + TEXT + "\r\n\r\n");

    private static final List<byte[]> FRAMES = List.of(
            WsClient.encode("{\"type\":\"send\",\"body\":\"" + TEXT + "\""),
            WsClient.encode("{\"type\":\"send\",\"body\":" + TEXT + "}"),
            WsClient.encode("{\"type\":\"send\",\"body\":\"" + TEXT + "\\u0000\"}"),
            WsClient.encode("{\"type\":\"send\",\"body\":\"" + TEXT.repeat(2_000) + "\"}"),
            WsClient.encode("{\"type\":\"send\",\"body\":\"" + TEXT
                    + "\",\"room\":\"lobby\",\"key\":\"once\",\"nick\":\"ann\"}"),
            WsClient.encode("{\"type\":\"send\",\"body\":\"" + TEXT + "\",\"room\":\"a b\"}"),
            WsClient.encode("{\"type\":\"send\",\"body\":[\"" + TEXT + "\"]}"),
            WsClient.encode("{\"type\":\"auth\",\"token\":\"" + TOKEN + "\"}"),
            WsClient.encode("{\"type\":\"auth\",\"token\":\"" + TOKEN),
            WsClient.encode(TEXT),
            WsClient.encode(true, 2, TEXT.getBytes(StandardCharsets.US_ASCII)),
            WsClient.encode(true, 3, TEXT.getBytes(StandardCharsets.US_ASCII)),
            WsClient.encode(true, 1, (TEXT + "\u00ff").getBytes(StandardCharsets.ISO_8859_1)),
            WsClient.encode(true, 8, ("\u0003\u00e8" + TEXT).getBytes(StandardCharsets.ISO_8859_1)),
            WsClient.encode(true, 8, ("\u00ff\u00ff" + TEXT).getBytes(StandardCharsets.ISO_8859_1)),
            WsClient.encode(TEXT.repeat(10_000)),
            ("\u0081\u0008" + TEXT).getBytes(StandardCharsets.ISO_8859_1));

    @TempDir
    Path directory;

    @Test
    void aServerThatLogsEverythingShowsNoTokenNoCookieAndNoText() {
        String url = "jdbc:h2:file:" + directory.resolve("chat");
        try (ServerProcess server = new ServerProcess(
                Map.of(),
                "--log-level",
                "debug",
                "--port",
                "0",
                "--database-url",
                url,
                "--trusted-proxy",
                "127.0.0.1")) {
            int port = server.port();
            for (String request : VALID) {
                assertThat(exchange(port, request)).contains("HTTP/1.1 20").doesNotContain(TOKEN, COOKIE);
            }
            for (String request : INVALID) {
                assertThat(exchange(port, request))
                        .as(request)
                        .doesNotContain("HTTP/1.1 20")
                        .doesNotContain(SECRETS);
            }
            for (byte[] frame : FRAMES) {
                String output = exchange(port, get("/ws?room=elsewhere", WsClient.UPGRADE), frame);
                assertThat(output).startsWith("HTTP/1.1 101").doesNotContain(SECRETS);
            }
            breakOff(port);
            server.terminate();
            assertThat(server.status()).isZero();
            List<String> output = new ArrayList<>();
            for (String line = server.line(); line != null; line = server.line()) {
                output.add(line);
            }
            output.addAll(server.err().lines().toList());
            // These lines show that Confab and Netty logged at this level.
            assertThat(output)
                    .anyMatch(line -> line.contains("DEBUG Session - A session ended"))
                    .anyMatch(line -> line.contains("DEBUG NetUtil - "));
            assertThat(output).noneMatch(line -> line.contains(TOKEN) || line.contains(COOKIE) || line.contains(TEXT));
        }
    }

    /** Resets connections in the middle of a stream, of a request and of a WebSocket message. */
    private static void breakOff(int port) {
        try (RawHttp http = new RawHttp(port)) {
            assertThat(http.send(get("/events?last=2", "")).readHead().status()).isEqualTo(200);
            http.vanish();
        }
        try (RawHttp http = new RawHttp(port)) {
            http.send("POST /messages HTTP/1.1\r\n" + CREDENTIALS + FORM + "Content-Length: 100\r\n\r\nbody=" + TEXT);
            http.vanish();
        }
        try (RawHttp http = new RawHttp(port)) {
            http.send(get("/ws", WsClient.UPGRADE)).readHead();
            http.send(WsClient.encode(false, 1, TEXT.getBytes(StandardCharsets.US_ASCII)));
            http.vanish();
        }
    }

    /** Returns everything that the server sends until it closes the connection. */
    private static String exchange(int port, String request) {
        try (RawHttp http = new RawHttp(port)) {
            http.send(request);
            return http.readToEnd();
        }
    }

    private static String exchange(int port, String handshake, byte[] frame) {
        try (RawHttp http = new RawHttp(port)) {
            http.send(handshake);
            http.send(frame);
            http.send(WsClient.encode(true, 8, new byte[] {3, (byte) 0xe8}));
            return http.readToEnd();
        }
    }

    private static String get(String target, String headers) {
        String connection = headers.contains("Upgrade: ") ? "" : "Connection: close\r\n";
        return "GET " + target + " HTTP/1.1\r\n" + CREDENTIALS + connection + headers + "\r\n";
    }

    private static String post(String target, String headers, String body) {
        return "POST " + target + " HTTP/1.1\r\n" + CREDENTIALS + "Connection: close\r\n" + headers + "Content-Length: "
                + body.length() + "\r\n\r\n" + body;
    }
}
