package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads an event stream over a plain socket, and fails on any deviation that a lenient client would accept. */
final class EventClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;
    private final List<String> head = new ArrayList<>();
    private final boolean chunked;
    private int leftInChunk;
    private boolean ended;

    /** Sends a request and reads the head of the response. */
    EventClient(int port, String request) throws IOException {
        this(connect(port, 0), request);
    }

    EventClient(Socket socket, String request) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.add(line);
        }
        this.chunked = "chunked".equals(header("transfer-encoding"));
    }

    /** Sends {@code GET target} over HTTP/1.1 with the given header lines. */
    static EventClient get(int port, String target, String... headers) throws IOException {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return new EventClient(port, request.append("\r\n").toString());
    }

    /** @param receiveBuffer the size of the receive buffer; 0 for the default size */
    static Socket connect(int port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    String statusLine() {
        return head.get(0);
    }

    /** Returns the value of a header, or null when it is missing. Fails if the header occurs more than once. */
    String header(String name) {
        List<String> found = head.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .toList();
        assertThat(found).as(name).hasSizeLessThan(2);
        return found.isEmpty() ? null : found.get(0);
    }

    /** Reads the lines of the next block, without the empty line at its end. */
    String block() throws IOException {
        StringBuilder block = new StringBuilder();
        while (block.length() < 2
                || block.charAt(block.length() - 1) != '\n'
                || block.charAt(block.length() - 2) != '\n') {
            block.append((char) body());
        }
        return utf8(block.substring(0, block.length() - 2));
    }

    /** Reads the next block, skipping comments, and returns the value of a field. */
    String field(String name) throws IOException {
        String block = block();
        while (block.startsWith(":")) {
            block = block();
        }
        return field(name, block);
    }

    static String field(String name, String block) {
        return block.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + block));
    }

    /** Reads the next blocks, which must be messages, and returns their {@code body} fields. */
    List<String> bodies(int count) throws IOException {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String data = field("data");
            int from = data.indexOf("\"body\":\"") + 8;
            assertThat(from).as(data).isGreaterThan(8);
            bodies.add(data.substring(from, data.indexOf('"', from)));
        }
        return bodies;
    }

    /** Reads the first two blocks, retry and hello. Returns the cursor, which is also the id of the hello. */
    String start() throws IOException {
        assertThat(block()).startsWith("retry: ");
        String hello = block();
        String cursor = helloCursor(hello);
        assertThat(field("id", hello)).isEqualTo(cursor);
        assertThat(hello.lines()).as(hello).hasSize(3);
        return cursor;
    }

    /** Reads retry and hello of a stream that begins with a gap. Returns the cursor. */
    String startWithGap() throws IOException {
        assertThat(block()).startsWith("retry: ");
        String hello = block();
        assertThat(hello.lines()).as(hello).hasSize(2);
        return helloCursor(hello);
    }

    private static String helloCursor(String hello) {
        assertThat(field("event", hello)).isEqualTo("hello");
        String data = field("data", hello);
        assertThat(data).matches("\\{\"type\":\"hello\",\"session\":\"[0-9a-f]{16}\",\"cursor\":\"[0-9A-Z]{26}\"}");
        return data.substring(data.length() - 28, data.length() - 2);
    }

    /** Waits for the end of the body, in the form that the head announced. */
    void awaitEnd() throws IOException {
        assertThat(chunked ? chunkLength() : in.read()).as("the end").isEqualTo(chunked ? 0 : -1);
        if (chunked) {
            assertThat(line()).isEmpty();
            assertThat(in.read()).as("the end of the connection").isEqualTo(-1);
        }
    }

    /** Reads the rest of the body unparsed, up to the end of the connection. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private int body() throws IOException {
        if (!chunked) {
            return read();
        }
        if (leftInChunk == 0) {
            leftInChunk = chunkLength();
            if (leftInChunk == 0) {
                throw new EOFException("the stream has ended");
            }
        }
        int next = read();
        if (--leftInChunk == 0) {
            assertThat(line()).isEmpty();
        }
        return next;
    }

    private int chunkLength() throws IOException {
        assertThat(ended).isFalse();
        int length = Integer.parseInt(line(), 16);
        ended = length == 0;
        return length;
    }

    /** Reads a line that ends in CRLF. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = read(); c != '\r'; c = read()) {
            assertThat(c).as("a character of %s", line).isNotEqualTo('\n');
            line.append((char) c);
        }
        assertThat(read()).isEqualTo('\n');
        return line.toString();
    }

    private int read() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("cut off");
        }
        return next;
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
