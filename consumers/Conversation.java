import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Starts a consumer, publishes and reads over each of its transports, and stops it. The first argument lists the
 * transports ({@code websocket,sse,poll}), and the others are the command that starts the consumer.
 */
final class Conversation {
    private static final Pattern READY = Pattern.compile("Listening on port (\\d+)");
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");
    private static final long SECONDS = 60;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;

    private Conversation(String address) {
        this.address = address;
    }

    public static void main(String[] args) throws Exception {
        List<String> command = Arrays.asList(args).subList(1, args.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            BufferedReader output = process.inputReader();
            Conversation conversation = new Conversation("//127.0.0.1:" + port(output));
            CompletableFuture.runAsync(() -> output.lines().forEach(System.out::println));
            for (String transport : args[0].split(",")) {
                switch (transport) {
                    case "websocket" -> conversation.overWebSocket();
                    case "sse" -> conversation.overEventStream();
                    case "poll" -> conversation.overPolls();
                    default -> throw new IllegalArgumentException("transport: " + transport);
                }
                System.out.println("published and read: " + transport);
            }
        } finally {
            process.destroy();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the consumer did not stop");
            }
        }
    }

    private static String port(BufferedReader output) throws Exception {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            System.out.println(line);
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                return ready.group(1);
            }
        }
        throw new IllegalStateException("the consumer did not start");
    }

    private void overWebSocket() throws Exception {
        BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        WebSocket socket = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws:" + address + "/ws?after=latest"), new Texts(frames))
                .get(SECONDS, TimeUnit.SECONDS);
        socket.sendText("{\"type\":\"send\",\"body\":\"over a socket\",\"ref\":1}", true);
        boolean isAcknowledged = false;
        boolean isRead = false;
        while (!isAcknowledged || !isRead) {
            String frame = next(frames);
            isAcknowledged |= frame.contains("\"type\":\"ack\"");
            isRead |= frame.contains("\"body\":\"over a socket\"");
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(SECONDS, TimeUnit.SECONDS);
    }

    private void overEventStream() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http:" + address + "/events?after=latest")).build();
        try (Stream<String> lines = http.sendAsync(request, BodyHandlers.ofLines())
                .get(SECONDS, TimeUnit.SECONDS)
                .body()) {
            publish("over a stream");
            lines.filter(line -> line.contains("\"body\":\"over a stream\"")).findFirst().orElseThrow();
        }
    }

    private void overPolls() throws Exception {
        String cursor = publish("before the poll");
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http:" + address + "/messages?wait=20&after=" + cursor))
                .build();
        CompletableFuture<HttpResponse<String>> poll = http.sendAsync(request, BodyHandlers.ofString());
        publish("over a poll");
        String body = poll.get(SECONDS, TimeUnit.SECONDS).body();
        if (!body.contains("\"body\":\"over a poll\"") || body.contains("before the poll")) {
            throw new IllegalStateException("the poll returned " + body);
        }
    }

    /** Returns the id of the message. */
    private String publish(String text) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http:" + address + "/messages"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"body\":\"" + text + "\"}"))
                .build();
        HttpResponse<String> response =
                http.sendAsync(request, BodyHandlers.ofString()).get(SECONDS, TimeUnit.SECONDS);
        Matcher id = ID.matcher(response.body());
        if (response.statusCode() != 201 || !id.find()) {
            throw new IllegalStateException("publishing returned " + response.statusCode() + " " + response.body());
        }
        return id.group(1);
    }

    private static String next(BlockingQueue<String> frames) throws InterruptedException {
        String frame = frames.poll(SECONDS, TimeUnit.SECONDS);
        if (frame == null) {
            throw new IllegalStateException("no further frame");
        }
        return frame;
    }

    /** Collects the text frames. */
    private static final class Texts implements WebSocket.Listener {
        private final BlockingQueue<String> frames;
        private final StringBuilder part = new StringBuilder();

        Texts(BlockingQueue<String> frames) {
            this.frames = frames;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean isLast) {
            part.append(text);
            if (isLast) {
                frames.add(part.toString());
                part.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, text, isLast);
        }
    }
}
