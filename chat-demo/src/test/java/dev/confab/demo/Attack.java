package dev.confab.demo;

import dev.confab.netty.WsClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The attacks: each has many connections send bytes that hold as much of the server's memory as the limits allow. */
enum Attack {
    BODIES("unfinished request bodies", 6_000, false) {
        @Override
        byte[] bytes() {
            return UNFINISHED_BODY;
        }
    },
    BODIES_BEHIND_POLLS("unfinished bodies behind a waiting poll", 6_000, false) {
        @Override
        byte[] bytes() {
            return concat(ascii(get("/messages?room=empty&after=latest&wait=60")), UNFINISHED_BODY);
        }
    },
    MESSAGES("unfinished WebSocket messages", 6_000, false) {
        @Override
        byte[] bytes() {
            return concat(ascii(upgrade("/ws?room=empty")), frame(0x81, 65_000));
        }
    },
    FRAGMENTS("WebSocket messages without a last fragment", 6_000, false) {
        @Override
        byte[] bytes() {
            return concat(ascii(upgrade("/ws?room=empty")), frame(0x01, PART));
        }
    },
    PAGES("50 pipelined pages that nobody reads", 1_000, true) {
        @Override
        byte[] bytes() {
            return ascii(get("/messages?room=big&wait=0").repeat(50));
        }
    },
    UNREAD_PAGES("a page of the log that nobody reads", 1_000, true) {
        @Override
        byte[] bytes() {
            return ascii(get("/messages?room=big&wait=0"));
        }
    },
    UNREAD_STREAMS("an event stream of the whole log that nobody reads", 1_000, true) {
        @Override
        byte[] bytes() {
            return ascii(get("/events?room=big&after=earliest"));
        }
    },
    UNREAD_SOCKETS("a WebSocket with the whole log that nobody reads", 1_000, true) {
        @Override
        byte[] bytes() {
            return ascii(upgrade("/ws?room=big&after=earliest"));
        }
    };

    private static final int PART = 60_000;
    private static final byte[] UNFINISHED_BODY = concat(
            ascii(
                    "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n"),
            letters(PART));

    private final String title;
    private final int connections;
    private final boolean readsNothing;

    /** @param readsNothing whether the client reads nothing, so that its receive buffer is set as small as possible */
    Attack(String title, int connections, boolean readsNothing) {
        this.title = title;
        this.connections = connections;
        this.readsNothing = readsNothing;
    }

    /** Returns the bytes that one connection sends. */
    abstract byte[] bytes();

    String title() {
        return title;
    }

    int connections() {
        return connections;
    }

    /** Opens all connections; each sends as much as the server accepts without blocking. */
    List<SocketChannel> open(int port) throws IOException {
        byte[] bytes = bytes();
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        List<SocketChannel> channels = new ArrayList<>();
        List<ByteBuffer> unsent = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open();
            if (readsNothing) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, 1_024);
            }
            channel.connect(server);
            channel.configureBlocking(false);
            channels.add(channel);
            unsent.add(ByteBuffer.wrap(bytes));
            send(channel, unsent.get(i));
        }
        // The server accepts more bytes of a connection after it has read from the other connections.
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < connections; i++) {
                send(channels.get(i), unsent.get(i));
            }
        }
        return channels;
    }

    private static void send(SocketChannel channel, ByteBuffer bytes) {
        try {
            channel.write(bytes);
        } catch (IOException e) {
            // The server has closed the connection, which it is allowed to do.
            bytes.position(bytes.limit());
        }
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private static String upgrade(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + WsClient.UPGRADE + "\r\n";
    }

    /**
     * Returns a frame whose header announces {@code length} bytes (RFC 6455 section 5.2) and that holds only the first
     * {@link #PART} of them.
     */
    private static byte[] frame(int first, int length) {
        byte[] head = {(byte) first, (byte) 0xFE, (byte) (length >> 8), (byte) length, 0, 0, 0, 0};
        return concat(head, letters(PART));
    }

    private static byte[] letters(int count) {
        byte[] letters = new byte[count];
        Arrays.fill(letters, (byte) 'x');
        return letters;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
