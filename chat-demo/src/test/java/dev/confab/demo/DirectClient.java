package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** The requests that a browser test sends directly to the server, without the browser. Not thread-safe. */
final class DirectClient {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;

    DirectClient(int port) {
        this.base = "http://127.0.0.1:" + port;
    }

    String page(String path) {
        return base + path;
    }

    /** Publishes a message, and returns its id. */
    String say(String room, String nick, String body) {
        JsonObject draft = new JsonObject();
        draft.addProperty("nick", nick);
        draft.addProperty("body", body);
        HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(base + "/messages?room=" + room))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(draft.toString())));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return JsonParser.parseString(response.body())
                .getAsJsonObject()
                .get("id")
                .getAsString();
    }

    /** Returns all messages of a room from the server's log, without joins and leaves. */
    List<JsonObject> messages(String room) {
        List<JsonObject> all = new ArrayList<>();
        String after = "earliest";
        while (true) {
            HttpResponse<String> response = send(
                    HttpRequest.newBuilder(URI.create(base + "/messages?wait=0&room=" + room + "&after=" + after)));
            JsonArray page = JsonParser.parseString(response.body()).getAsJsonArray();
            if (page.isEmpty()) {
                return all;
            }
            for (JsonElement entry : page) {
                if (entry.getAsJsonObject().get("type").getAsString().equals("message")) {
                    all.add(entry.getAsJsonObject());
                }
            }
            after = response.headers().firstValue("Chat-Cursor").orElseThrow();
        }
    }

    List<String> ids(String room) {
        return messages(room).stream()
                .map(message -> message.get("id").getAsString())
                .toList();
    }

    List<String> bodies(String room) {
        return messages(room).stream()
                .map(message -> message.get("body").getAsString())
                .toList();
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(URI.create(base + path)));
    }

    /** Sends a request with the {@code Accept-Encoding} of a browser. */
    HttpResponse<byte[]> getZipped(String path) {
        return send(
                HttpRequest.newBuilder(URI.create(base + path)).header("Accept-Encoding", "gzip, deflate, br"),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
        try {
            return http.send(request.build(), body);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
