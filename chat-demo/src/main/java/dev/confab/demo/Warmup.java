package dev.confab.demo;

import dev.confab.netty.IoTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the code of the transports before most users do. A new JVM loads each class at its first use, and interprets a
 * method until it has run some thousand times. So the first thousand connections would be slow.
 *
 * <p>The clients here use a node of their own, in memory and on a free port of the loopback interface. It shares the
 * code with the node that users see, but no data, no connection and no event loop.
 */
final class Warmup {
    private static final int ROUNDS = 100;

    /** The time after which no further round begins. */
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private static final int TIMEOUT_MILLIS = 5_000;

    /** The number and length of the messages on a page that is too large for one write. */
    private static final int LONG_BODIES = 12;

    private static final int LONG = 9_000;

    private static final Pattern ID = Pattern.compile("\"id\":\"(\\w+)\"");

    private static final String HANDSHAKE = """
            GET /ws HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

            """.replace("\n", "\r\n");

    private static final Logger LOG = LoggerFactory.getLogger(Warmup.class);

    private final int port;
    private final byte[] buffer = new byte[64 * 1_024];
    private int published;
    private String cursor = "earliest";

    private Warmup(int port) {
        this.port = port;
    }

    /** Starts the warm-up on a thread of its own. It ends by itself, and does not keep the process alive. */
    static void start(IoTransport io) {
        Thread thread = new Thread(
                () -> {
                    try {
                        run(io, ROUNDS, LIMIT);
                    } catch (IOException | RuntimeException e) {
                        LOG.debug("The warm-up ended early", e);
                    }
                },
                "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Runs at most {@code rounds} rounds.
     *
     * @param limit the time after which no further round begins
     * @return the number of messages that were published and read
     */
    static int run(IoTransport io, int rounds, Duration limit) throws IOException {
        try (Node node = Node.start(NodeConfig.inMemory().withIo(io))) {
            Warmup warmup = new Warmup(node.port());
            warmup.run(rounds, limit);
            return warmup.published;
        }
    }

    private void run(int rounds, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        try (Client publisher = new Client()) {
            for (int i = 0; i < LONG_BODIES; i++) {
                publisher.publish("long", "x".repeat(LONG));
            }
            for (int i = 0; i < rounds && System.nanoTime() - end < 0; i++) {
                poll(publisher);
                stream(publisher);
                socket(publisher);
                page();
            }
        }
    }

    /** One poll waits for the next message, and the next poll on this connection finds the message there. */
    private void poll(Client publisher) throws IOException {
        String poll = get("/messages?wait=5&after=" + cursor);
        try (Client client = new Client()) {
            client.send(poll);
            String body = publisher.publish("lobby", nextBody());
            client.awaits(body);
            client.send(poll);
            client.awaits(body);
        }
    }

    private void stream(Client publisher) throws IOException {
        try (Client client = new Client()) {
            client.send(get("/events"));
            client.awaits("hello");
            client.awaits(publisher.publish("lobby", nextBody()));
        }
    }

    private void socket(Client publisher) throws IOException {
        try (Client client = new Client()) {
            client.send(HANDSHAKE);
            client.awaits("hello");
            String body = nextBody();
            client.send(frame("{\"type\":\"send\",\"body\":\"" + body + "\"}"));
            client.awaits(body);
            client.awaits(publisher.publish("lobby", nextBody()));
        }
    }

    /** The client leaves before it has read all parts of the page. */
    private void page() throws IOException {
        try (Client client = new Client()) {
            client.send(get("/messages?room=long&wait=0"));
            client.awaits("HTTP/1.1 200");
        }
    }

    private String nextBody() {
        return "body-" + ++published + "-";
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    /** Returns a text frame (RFC 6455, section 5.2) with a masking key of zeros, for at most 125 characters. */
    private static String frame(String text) {
        return "\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text;
    }

    private final class Client implements AutoCloseable {
        private final Socket socket;

        Client() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
        }

        /** @return the body */
        String publish(String room, String body) throws IOException {
            String json = "{\"body\":\"" + body + "\"}";
            send("POST /messages?room=" + room + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + json.length() + "\r\n\r\n" + json);
            Matcher id = ID.matcher(awaits("}"));
            if (id.find()) {
                cursor = id.group(1);
            }
            return body;
        }

        void send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Reads until the received bytes contain {@code text}. Returns what was received. */
        String awaits(String text) throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder received = new StringBuilder();
            while (received.indexOf(text) < 0) {
                int count = in.read(buffer);
                if (count < 0) {
                    throw new IOException("The server closed a connection");
                }
                received.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
            }
            return received.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
