package dev.confab.demo;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads a WebSocket with the JDK's client, and requests one message at a time. */
final class WebSocketReader implements TransportReader, WebSocket.Listener {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String END = "end";

    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;
    private boolean ended;

    WebSocketReader(int port, String query) {
        socket = HTTP.newWebSocketBuilder()
                .connectTimeout(RawHttp.PATIENCE)
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws?" + query), this)
                .join();
        String hello = frame();
        // A server that shuts down may close the connection before its greeting.
        if (hello != null && !hello.startsWith("{\"type\":\"hello\"")) {
            throw new AssertionError("first: " + hello);
        }
    }

    /** Sends a text frame. */
    void send(String frame) {
        socket.sendText(frame, true).join();
    }

    @Override
    public String next() {
        return ended ? null : frame();
    }

    private String frame() {
        socket.request(1);
        try {
            String frame = frames.poll(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (frame == null) {
                throw new AssertionError("Nothing came");
            }
            ended = frame.equals(END);
            return ended ? null : frame;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void onOpen(WebSocket opened) {
        // The first message is requested by the first read.
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
        text.append(part);
        if (isLast) {
            frames.add(text.toString());
            text.setLength(0);
        } else {
            from.request(1);
        }
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        frames.add(END);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        frames.add(END);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
