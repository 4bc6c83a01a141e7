package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.OpenApiFile.Operation;
import dev.confab.demo.OpenApiFile.Outcome;
import dev.confab.netty.RawHttp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Sends requests, compares each response with the OpenAPI file, and remembers it. Not thread-safe. */
final class OpenApiClient {
    private static final int MAX_REPETITIONS = 1_000;

    private final OpenApiFile file;
    private final Set<Outcome> seen = new TreeSet<>();

    OpenApiClient(OpenApiFile file) {
        this.file = file;
    }

    /** Returns the kinds of all responses that have been received. */
    Set<Outcome> seen() {
        return seen;
    }

    /** Sends a request without a body over a connection of its own. */
    RawHttp.Response ask(int port, Operation operation, String query) {
        return ask(port, operation, query, "", "");
    }

    /** Sends a request with a form as its body. */
    RawHttp.Response askForm(int port, Operation operation, String query, String form) {
        return ask(port, operation, query, content("application/x-www-form-urlencoded", form), form);
    }

    /** Sends a request with JSON as its body. */
    RawHttp.Response askJson(int port, Operation operation, String query, String json) {
        return ask(port, operation, query, content("application/json", json), json);
    }

    /** @param headers header lines, each with its end */
    RawHttp.Response ask(int port, Operation operation, String query, String headers, String body) {
        try (RawHttp http = new RawHttp(port)) {
            http.send(head(operation, query, headers)).send(body.getBytes(StandardCharsets.UTF_8));
            return receive(http, operation);
        }
    }

    /** Repeats a request over one connection until the response is 429. */
    RawHttp.Response askUntilLimited(int port, Operation operation, String query, String headers, String body) {
        try (RawHttp http = new RawHttp(port)) {
            for (int i = 0; i < MAX_REPETITIONS; i++) {
                http.send(head(operation, query, headers)).send(body.getBytes(StandardCharsets.UTF_8));
                RawHttp.Response response = receive(http, operation);
                if (response.status() == 429) {
                    return response;
                }
            }
        }
        throw new AssertionError(operation + " has no limit");
    }

    /** Sends a request that waits, and repeats an action until the server responds to the request. */
    RawHttp.Response askDuring(int port, Operation operation, String query, Runnable action) {
        try (RawHttp http = new RawHttp(port)) {
            http.send(head(operation, query, ""));
            for (int i = 0; http.available() == 0; i++) {
                assertThat(i).as("actions without a response").isLessThan(MAX_REPETITIONS);
                action.run();
            }
            return receive(http, operation);
        }
    }

    /**
     * Holds back the ends of the bodies of more and more requests, until the server gives up the first of them.
     *
     * @param port a server with one event loop
     */
    RawHttp.Response askWhileOthersHoldInput(int port, Operation operation) {
        List<RawHttp> all = new ArrayList<>();
        try {
            do {
                assertThat(all).as("connections with unfinished input").hasSizeLessThan(100);
                RawHttp http = new RawHttp(port);
                all.add(http);
                http.send(head(operation, "", "Content-Length: 60000\r\n") + "x".repeat(50_000));
                // Once a later request has been served on the same event loop, the input has been read.
                try (RawHttp other = new RawHttp(port)) {
                    other.get("/nothing").read();
                }
            } while (all.get(0).available() == 0);
            return receive(all.get(0), operation);
        } finally {
            all.forEach(RawHttp::close);
        }
    }

    static String head(Operation operation, String query, String headers) {
        return operation + query + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
    }

    static String content(String type, String body) {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return "Content-Type: " + type + "\r\nContent-Length: " + length + "\r\n";
    }

    private RawHttp.Response receive(RawHttp http, Operation operation) {
        RawHttp.Response head = http.readHead();
        RawHttp.Response response =
                new RawHttp.Response(head.status(), head.statusLine(), head.headers(), body(http, head));
        assertThat(file.errors(operation, response))
                .as("%s: %s %s", operation, head.head(), response.body())
                .isEmpty();
        seen.add(new Outcome(operation, response.status(), OpenApiFile.code(response)));
        return response;
    }

    /** Reads the body. A stream has no end, so only its first chunk is read. */
    private static String body(RawHttp http, RawHttp.Response head) {
        String length = head.header("content-length");
        int size = length != null
                ? Integer.parseInt(length)
                : head.status() == 101 || head.status() == 204 ? 0 : Integer.parseInt(http.readLine(), 16);
        return new String(http.readBytes(size), StandardCharsets.UTF_8);
    }
}
