package dev.confab.demo;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads an event stream line by line with the JDK's client. */
final class SseReader implements TransportReader {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(RawHttp.PATIENCE)
            .build();

    private final InputStream in;
    private final BufferedReader lines;

    SseReader(int port, String query) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/events?" + query);
        try {
            HttpResponse<InputStream> response =
                    HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new AssertionError(response.statusCode());
            }
            in = response.body();
            lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public String next() {
        CompletableFuture<String> data = CompletableFuture.supplyAsync(this::data, task -> {
            Thread thread = new Thread(task, "sse-reader");
            thread.setDaemon(true);
            thread.start();
        });
        try {
            return data.get(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException | ExecutionException e) {
            throw new AssertionError("Nothing came", e);
        }
    }

    private String data() {
        try {
            String line = lines.readLine();
            while (line != null && (!line.startsWith("data: ") || line.startsWith("data: {\"type\":\"hello\""))) {
                line = lines.readLine();
            }
            return line == null ? null : line.substring("data: ".length());
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
