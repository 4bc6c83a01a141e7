package dev.confab.demo;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.Queue;

/** Reads by long poll with the JDK's client. Requests the next page after the entries of the last page were taken. */
final class LongPollReader implements TransportReader {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(RawHttp.PATIENCE)
            .build();
    private final String base;
    private final Queue<String> page = new ArrayDeque<>();
    private String after;

    LongPollReader(int port, String query) {
        int at = query.indexOf("after=");
        base = "http://127.0.0.1:" + port + "/messages?wait=20&" + query.substring(0, at);
        after = query.substring(at + "after=".length());
    }

    @Override
    public String next() {
        try {
            if (page.isEmpty()) {
                poll();
            }
            return page.poll();
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private void poll() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "after=" + after))
                .timeout(RawHttp.PATIENCE.plusSeconds(5))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        after = response.headers().firstValue("Chat-Cursor").orElseThrow();
        String body = response.body();
        boolean ends = response.headers().firstValue("Connection").isPresent();
        if (body.equals("[]") && !ends) {
            throw new AssertionError("Nothing came");
        }
        if (body.length() > 2) {
            // The texts of these tests do not contain the separator.
            for (String entry : body.substring(2, body.length() - 2).split("\\},\\{")) {
                page.add("{" + entry + "}");
            }
        }
    }

    @Override
    public void close() {}
}
