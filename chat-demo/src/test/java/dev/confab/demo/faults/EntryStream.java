package dev.confab.demo.faults;

import dev.confab.demo.Transport;
import dev.confab.demo.faults.History.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The entries after a cursor, received over one connection of one transport until the connection breaks. Confined to
 * one thread.
 */
abstract class EntryStream implements AutoCloseable {
    private static final Pattern ENTRY =
            Pattern.compile("\"type\":\"(message|gap)\".*?\"id\":\"([0-9A-Z]{26})\"(?:.*?\"body\":\"([^\"]*)\")?");

    private static final Pattern OTHER = Pattern.compile("\\{\"type\":\"(hello|join|leave)\"");

    final Http http;

    private EntryStream(int port, Duration patience) throws IOException {
        http = new Http(port, patience);
    }

    /**
     * Connects.
     *
     * @param rooms the rooms, as parameters of a query
     * @param after the cursor
     */
    static EntryStream open(Transport transport, int port, String rooms, String after) throws IOException {
        return open(transport, port, Http.PATIENCE, rooms, after);
    }

    /** @param patience the longest silence before reading fails */
    static EntryStream open(Transport transport, int port, Duration patience, String rooms, String after)
            throws IOException {
        EntryStream stream = switch (transport) {
            case LONGPOLL -> new Polls(port, patience, rooms, after);
            case SSE -> new Events(port, patience);
            case WEBSOCKET -> new Frames(port, patience);
            case SHORTPOLL -> throw new IllegalArgumentException("transport: " + transport);
        };
        try {
            stream.begin(rooms + "&after=" + after);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
        return stream;
    }

    abstract void begin(String query) throws IOException;

    /** Returns the next JSON object. */
    abstract String nextJson() throws IOException;

    /** Returns the next message or gap. */
    Entry next() throws IOException {
        while (true) {
            String json = nextJson();
            Matcher entry = ENTRY.matcher(json);
            if (entry.find()) {
                return entry.group(1).equals("gap")
                        ? Entry.gap(entry.group(2))
                        : new Entry(entry.group(2), entry.group(3));
            }
            if (!OTHER.matcher(json).lookingAt()) {
                throw new AssertionError("not an entry: " + json);
            }
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
    }

    private static void check(Http.Response response, int expected) throws IOException {
        if (response.status() == 503) {
            throw new IOException("unavailable");
        }
        if (response.status() != expected) {
            throw new AssertionError(response);
        }
    }

    private static final class Polls extends EntryStream {
        private final String rooms;
        private final Queue<String> page = new ArrayDeque<>();
        private String after;

        Polls(int port, Duration patience, String rooms, String after) throws IOException {
            super(port, patience);
            this.rooms = rooms;
            this.after = after;
        }

        @Override
        void begin(String query) {}

        @Override
        String nextJson() throws IOException {
            while (page.isEmpty()) {
                Http.Response response = http.get("/messages?wait=2&" + rooms + "&after=" + after);
                check(response, 200);
                after = response.headers().get("chat-cursor");
                String body = response.body();
                if (body.length() > 2) {
                    // No message text of this test contains the separator.
                    page.addAll(List.of(body.substring(1, body.length() - 1).split("(?<=\\}),(?=\\{)")));
                }
            }
            return page.remove();
        }
    }

    private static final class Events extends EntryStream {
        Events(int port, Duration patience) throws IOException {
            super(port, patience);
        }

        @Override
        void begin(String query) throws IOException {
            // The body of a response to an HTTP/1.0 client is not chunked.
            http.send("GET /events?" + query + " HTTP/1.0\r\nHost: test");
            check(http.readHead(), 200);
        }

        @Override
        String nextJson() throws IOException {
            String line = http.readLine();
            while (!line.startsWith("data: ")) {
                line = http.readLine();
            }
            return line.substring("data: ".length());
        }
    }

    private static final class Frames extends EntryStream {
        private static final int TEXT = 0x81;
        private static final int CLOSE = 0x88;

        Frames(int port, Duration patience) throws IOException {
            super(port, patience);
        }

        @Override
        void begin(String query) throws IOException {
            http.send("GET /ws?" + query + " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
            check(http.readHead(), 101);
        }

        /** Ignores pings, because no connection of this test lives long enough to be closed for a missing pong. */
        @Override
        String nextJson() throws IOException {
            while (true) {
                int first = http.readByte();
                int length = http.readByte();
                if (length == 126) {
                    length = http.readByte() << 8 | http.readByte();
                }
                byte[] payload = http.readBytes(length);
                if (first == TEXT) {
                    return new String(payload, StandardCharsets.UTF_8);
                }
                if (first == CLOSE) {
                    throw new IOException("closed");
                }
            }
        }
    }
}
