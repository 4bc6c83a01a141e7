package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invalid requests over real sockets: the responses, and whether the connection stays open. */
final class BadRequestTest {
    private static ServerFixture fixture;

    @BeforeAll
    static void start() {
        fixture = new ServerFixture();
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    /**
     * @param sent the request in Latin-1, so each character is one byte
     * @param field the field that is wrong; null when the problem does not concern a field
     */
    record Case(String name, String sent, int status, String code, String field, boolean closes) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"framing", "targets", "sizes", "resources", "bodies", "fields"})
    void theRequestIsRefused(Case bad) {
        try (RawHttp neighbour = fixture.connect();
                RawHttp client = fixture.connect()) {
            neighbour.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 16\r\n\r\n{\"body\":");

            client.send(bad.sent());

            RawHttp.Response response = client.read();
            assertThat(response.status()).as(response.body()).isEqualTo(bad.status());
            assertThat(response.header("content-type")).isEqualTo("application/problem+json");
            assertThat(response.header("cache-control")).isEqualTo("no-store");
            assertThat(response.body()).contains("\"status\":" + bad.status(), "\"code\":\"" + bad.code() + "\"");
            if (bad.field() == null) {
                assertThat(response.body()).doesNotContain("\"field\"");
            } else {
                assertThat(response.body()).contains("\"field\":\"" + bad.field() + "\"");
            }
            assertThat(response.body()).doesNotContain("Exception", "netty", "jackson");
            if (bad.closes()) {
                assertThat(response.header("connection")).isEqualTo("close");
                assertThat(client.isClosedByServer()).isTrue();
            } else {
                assertThat(client.get("/health").read().status()).isEqualTo(200);
            }
            assertThat(neighbour.send("\"still\"}").read().status()).isEqualTo(201);
        }
    }

    static Stream<Case> framing() {
        return Stream.of(
                bad("no Host", "GET /health HTTP/1.1\r\n\r\n"),
                bad("two Hosts", "GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                bad("a list as Host", "GET /health HTTP/1.1\r\nHost: a, b\r\n\r\n"),
                bad("a user in Host", "GET /health HTTP/1.1\r\nHost: a@b\r\n\r\n"),
                bad("a folded header", "GET /health HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"),
                bad("a header folded by a tab", "GET /health HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n"),
                bad("a space before the first header", "GET /health HTTP/1.1\r\n Host: a\r\n\r\n"),
                bad("a space before the colon", "GET /health HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"),
                bad("a header without a colon", "GET /health HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
                bad("a header without a name", "GET /health HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n"),
                bad("NUL in a header's name", "GET /health HTTP/1.1\r\nHost: a\r\nX\0: y\r\n\r\n"),
                bad("NUL in a header's value", "GET /health HTTP/1.1\r\nHost: a\r\nX: y\0\r\n\r\n"),
                bad("CR in a header's value", "GET /health HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n"),
                bad("LF after the request line", "GET /health HTTP/1.1\nHost: a\r\n\r\n"),
                bad("LF after a header", "GET /health HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
                bad("LF at the end of the head", "GET /health HTTP/1.1\r\nHost: a\r\n\n"),
                bad("HTTP/9.9", "GET /health HTTP/9.9\r\nHost: a\r\n\r\n"),
                bad("HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                bad("HTTP/1.2", "GET /health HTTP/1.2\r\nHost: a\r\n\r\n"),
                bad("HTTP/1.01", "GET /health HTTP/1.01\r\nHost: a\r\n\r\n"),
                bad("http/1.1", "GET /health http/1.1\r\nHost: a\r\n\r\n"),
                bad("HTTP/0.9", "GET /health\r\n\r\n"),
                bad("no HTTP at all", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n"),
                bad("a NUL before the request", "\0GET /health HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n"),
                bad("two lengths", post("Content-Length: 5\r\nContent-Length: 6") + "hello"),
                bad("the same length twice", post("Content-Length: 5\r\nContent-Length: 5") + "hello"),
                bad("a list of lengths", post("Content-Length: 5, 5") + "hello"),
                bad("two lengths in HTTP/1.0", old("Content-Length: 5\r\nContent-Length: 6") + "hello"),
                bad("the same length twice in HTTP/1.0", old("Content-Length: 5\r\nContent-Length: 5") + "hello"),
                bad("a list of lengths in HTTP/1.0", old("Content-Length: 5, 5") + "hello"),
                bad("a length below 0", post("Content-Length: -1")),
                bad("a length with a sign", post("Content-Length: +5") + "hello"),
                bad("a length that is no number", post("Content-Length: five") + "hello"),
                bad("a length beyond 2^63", post("Content-Length: 99999999999999999999")),
                bad("an unknown coding", post("Transfer-Encoding: gzip") + "hello"),
                bad("an unknown coding, then chunks", post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n"),
                bad("chunks, then an unknown coding", post("Transfer-Encoding: chunked, gzip") + "0\r\n\r\n"),
                bad("chunks twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + "0\r\n\r\n"),
                bad("xchunked", post("Transfer-Encoding: xchunked") + "0\r\n\r\n"),
                bad("chunks in HTTP/1.0", "POST /messages HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                bad("a chunk's size that is no number", post("Transfer-Encoding: chunked") + "five\r\nhello\r\n"),
                bad("a chunk that is longer than its size", post("Transfer-Encoding: chunked") + "2\r\nhello\r\n"),
                bad("a chunk's size below 0", post("Transfer-Encoding: chunked") + "-1\r\n\r\n"),
                bad("a chunk's size with LF only", post("Transfer-Encoding: chunked") + "5\nhello\r\n0\r\n\r\n"));
    }

    static Stream<Case> targets() {
        return Stream.of(
                bad("an 8-bit character in the path", "GET /h\u00e9alth HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a control character in the path", "GET /h\u0001ealth HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("NUL in the path", "GET /h\0ealth HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("DEL in the path", "GET /h\u007fealth HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a space in the path", "GET /health x HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("tabs between the words", "GET\t/health\tHTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a space behind the request line", "GET /health HTTP/1.1 \r\nHost: a\r\n\r\n"),
                bad("a fragment", "GET /health#top HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a path without a slash", "GET health HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("another scheme", "GET ftp://a/health HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a URI without a host", "GET http:///health HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("an asterisk", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"));
    }

    static Stream<Case> sizes() {
        return Stream.of(
                closing("a long line", "GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n", 414, "uri_too_long"),
                closing("a line without an end", "G".repeat(9000), 414, "uri_too_long"),
                closing("large headers", get("X: " + "y".repeat(9000)), 431, "headers_too_large"),
                closing("many headers", get("X: y\r\n".repeat(3000) + "Z: z"), 431, "headers_too_large"),
                closing("a length beyond the bound", post("Content-Length: 65537"), 413, "content_too_large"),
                closing(
                        "chunks beyond the bound",
                        post("Transfer-Encoding: chunked") + ("4000\r\n" + "x".repeat(0x4000) + "\r\n").repeat(5),
                        413,
                        "content_too_large"),
                closing(
                        "a large body announced with Expect",
                        post("Expect: 100-continue\r\nContent-Length: 70000"),
                        413,
                        "content_too_large"),
                closing("another Expect", get("Expect: a-miracle"), 417, "expectation_failed"));
    }

    static Stream<Case> resources() {
        return Stream.of(
                open("an unknown path", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
                open("a path with a slash behind", "GET /health/ HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"),
                open(
                        "an unknown path with a body",
                        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
                        404,
                        "not_found"),
                open("another method", "PUT /health HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
                open("an unknown method", "BREW /health HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"));
    }

    static Stream<Case> bodies() {
        return Stream.of(
                json("nothing", "", "invalid_json", null),
                json("half an object", "{\"body\":\"x\"", "invalid_json", null),
                json("an array", "[\"x\"]", "invalid_json", null),
                json("a string", "\"x\"", "invalid_json", null),
                json("something behind the object", "{\"body\":\"x\"}{}", "invalid_json", null),
                json("a field twice", "{\"body\":\"x\",\"body\":\"y\"}", "invalid_json", null),
                json("no quotes", "{body:'x'}", "invalid_json", null),
                json("a comment", "{\"body\":\"x\"/**/}", "invalid_json", null),
                json(
                        "deep nesting",
                        "{\"x\":" + "[".repeat(50) + "]".repeat(50) + ",\"body\":\"x\"}",
                        "invalid_json",
                        null),
                json("a control character", "{\"body\":\"\u0001\"}", "invalid_json", null),
                json("not UTF-8", "{\"body\":\"\u00fc\"}", "invalid_json", null),
                json("overlong UTF-8", "{\"body\":\"\u00c1\u0081\"}", "invalid_json", null),
                json("a surrogate in UTF-8", "{\"body\":\"\u00ed\u00a0\u0080\"}", "invalid_json", null),
                json("UTF-16", "\0{\0\"\0b\0o\0d\0y\0\"\0:\0\"\0x\0\"\0}", "invalid_json", null),
                json("a byte order mark", "\u00ef\u00bb\u00bf{\"body\":\"x\"}", "invalid_json", null),
                form("half a percent-encoding", "body=%4", "invalid_form", "body"),
                form("no percent-encoding", "body=%zz", "invalid_form", "body"),
                form("percent-encoded Latin-1", "body=%fc", "invalid_form", "body"),
                form("a form field twice", "body=x&body=y", "invalid_form", "body"),
                form("a form in Latin-1", "body=\u00fc", "invalid_form", null),
                form("an object that is not JSON", "{body=x}", "invalid_json", null),
                multipart("nothing", "", "invalid_form", null),
                multipart("another boundary", part("body", "x").replace("--b", "--c"), "invalid_form", null),
                multipart("no last boundary", part("body", "x"), "invalid_form", null),
                multipart("a file", part("body\"; filename=\"f.txt", "x") + "--b--", "invalid_form", "body"),
                multipart("an empty file", part("x\"; filename=\"", "") + "--b--", "invalid_form", "x"),
                multipart("a field twice", part("body", "x") + part("body", "y") + "--b--", "invalid_form", "body"),
                multipart("Latin-1", part("body", "\u00fc") + "--b--", "invalid_form", null),
                multipart(
                        "a field in Latin-1",
                        part("body", "\r\nx")
                                        .replace("\r\n\r\n", "\r\nContent-Type: text/plain; charset=iso-8859-1\r\n")
                                + "--b--",
                        "invalid_form",
                        null),
                multipart("257 fields", part("x", "y").repeat(256) + part("body", "x") + "--b--", "invalid_form", null),
                new Case(
                        "multipart form: no boundary",
                        content("multipart/form-data", part("body", "x") + "--b--"),
                        400,
                        "invalid_form",
                        null,
                        false),
                media("text", "Content-Type: text/plain"),
                media("an array in a form of another type", "Content-Type: multipart/mixed; boundary=x"),
                media("JSON in Latin-1", "Content-Type: application/json; charset=iso-8859-1"),
                media("compressed JSON", "Content-Type: application/json\r\nContent-Encoding: gzip"));
    }

    static Stream<Case> fields() {
        return Stream.of(
                json("no body", "{}", "invalid_body", "body"),
                json("an empty body", "{\"body\":\"\"}", "invalid_body", "body"),
                json("a body that is null", "{\"body\":null}", "invalid_body", "body"),
                json("a body that is a number", "{\"body\":5}", "invalid_body", "body"),
                json("a body that is an object", "{\"body\":{}}", "invalid_body", "body"),
                json("a body with U+0000", "{\"body\":\"\\u0000\"}", "invalid_text", "body"),
                json("a body with half a surrogate", "{\"body\":\"\\ud800\"}", "invalid_text", "body"),
                json("a nick that is a list", "{\"body\":\"x\",\"nick\":[]}", "invalid_nick", "nick"),
                json("a nick with a line break", "{\"body\":\"x\",\"nick\":\"a\\nb\"}", "invalid_nick", "nick"),
                json("a long nick", "{\"body\":\"x\",\"nick\":\"" + "n".repeat(65) + "\"}", "invalid_nick", "nick"),
                json("a key that is a number", "{\"body\":\"x\",\"key\":1}", "invalid_key", "key"),
                json("a key with a space", "{\"body\":\"x\",\"key\":\"a b\"}", "invalid_key", "key"),
                form("a form without a body", "nick=ann", "invalid_body", "body"),
                form("a form with an empty body", "body=", "invalid_body", "body"),
                form("a form with U+0000", "body=%00", "invalid_text", "body"),
                publish("a bad room", "room=a/b", "invalid_room", "room"),
                publish("an unknown form of ids", "ids=UUID", "invalid_parameter", "ids"),
                publish("two rooms", "room=a&room=b", "invalid_parameter", "room"),
                publish("a broken query", "room=%", "invalid_parameter", "room"),
                publish("a query that is not UTF-8", "room=%ff", "invalid_parameter", "room"),
                new Case(
                        "a large body",
                        json("{\"body\":\"" + "x".repeat(10_001) + "\"}"),
                        413,
                        "message_too_large",
                        "body",
                        false),
                new Case(
                        "a large body in UTF-8",
                        json("{\"body\":\"" + "\u00c3\u00bc".repeat(5_001) + "\"}"),
                        413,
                        "message_too_large",
                        "body",
                        false));
    }

    private static Case bad(String name, String sent) {
        return closing(name, sent, 400, "bad_request");
    }

    private static Case closing(String name, String sent, int status, String code) {
        return new Case(name, sent, status, code, null, true);
    }

    private static Case open(String name, String sent, int status, String code) {
        return new Case(name, sent, status, code, null, false);
    }

    private static Case json(String name, String body, String code, String field) {
        return new Case("JSON: " + name, json(body), 400, code, field, false);
    }

    private static Case form(String name, String body, String code, String field) {
        return new Case("form: " + name, content("application/x-www-form-urlencoded", body), 400, code, field, false);
    }

    private static Case multipart(String name, String body, String code, String field) {
        String sent = content("multipart/form-data; boundary=b", body);
        return new Case("multipart form: " + name, sent, 400, code, field, false);
    }

    private static String part(String name, String value) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static Case media(String name, String headers) {
        return new Case(
                "type: " + name,
                post(headers + "\r\nContent-Length: 12") + "{\"body\":\"x\"}",
                415,
                "unsupported_media_type",
                null,
                false);
    }

    private static Case publish(String name, String query, String code, String field) {
        String sent = json("{\"body\":\"x\"}").replace("/messages", "/messages?" + query);
        return new Case("query: " + name, sent, 400, code, field, false);
    }

    private static String json(String body) {
        return content("application/json", body);
    }

    private static String content(String type, String body) {
        int length = body.getBytes(StandardCharsets.ISO_8859_1).length;
        return post("Content-Type: " + type + "\r\nContent-Length: " + length) + body;
    }

    private static String post(String headers) {
        return "POST /messages HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n";
    }

    private static String old(String headers) {
        return "POST /messages HTTP/1.0\r\n" + headers + "\r\n\r\n";
    }

    private static String get(String headers) {
        return "GET /health HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n";
    }
}
