package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads an event stream, and fails on any deviation that a lenient client would accept. */
public final class EventClient extends EntryReader {
    private static final String DATA = "data: ";

    private final RawHttp.Response head;
    private final boolean isChunked;
    private long left;

    /** Sends a request and reads the head of the response. */
    public EventClient(RawHttp http, String request) {
        super(http);
        this.head = http.send(request).readHead();
        this.isChunked = "chunked".equals(header("transfer-encoding"));
        String length = header("content-length");
        this.left = isChunked ? 0 : length == null ? Long.MAX_VALUE : Long.parseLong(length);
    }

    /** Sends {@code GET target} over HTTP/1.1 with the given header lines. */
    public static EventClient get(RawHttp http, String target, String... headers) {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: test\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return new EventClient(http, request.append("\r\n").toString());
    }

    /** Opens a stream of entries. */
    public static EventClient open(RawHttp http, String query) {
        EventClient client = get(http, "/events?" + query);
        check(client.head, 200);
        return client;
    }

    public String statusLine() {
        return head.statusLine();
    }

    /** Returns the value of a header, or null when it is missing. Fails if the header occurs more than once. */
    public String header(String name) {
        return head.header(name);
    }

    @Override
    protected String receive() {
        for (String line : block().split("\n")) {
            if (line.startsWith(DATA)) {
                String json = line.substring(DATA.length());
                return json.startsWith(HELLO) ? null : json;
            }
        }
        return null;
    }

    /** Reads the lines of the next block, without the empty line at its end. */
    public String block() {
        StringBuilder block = new StringBuilder();
        while (block.length() < 2
                || block.charAt(block.length() - 1) != '\n'
                || block.charAt(block.length() - 2) != '\n') {
            block.append((char) nextByte());
        }
        return utf8(block.substring(0, block.length() - 2));
    }

    /** Reads the next block, skipping comments, and returns the value of a field. */
    public String field(String name) {
        String block = block();
        while (block.startsWith(":")) {
            block = block();
        }
        return fieldOf(name, block);
    }

    private static String fieldOf(String name, String block) {
        return block.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + block));
    }

    /** Reads the next blocks, which must be messages, and returns their {@code body} fields. */
    public List<String> bodies(int count) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bodies.add(field(field("data"), "body"));
        }
        return bodies;
    }

    /** Reads the first two blocks, retry and hello. Returns the cursor, which is also the id of the hello. */
    public String start() {
        assertThat(block()).startsWith("retry: ");
        String hello = block();
        String cursor = helloCursor(hello);
        assertThat(fieldOf("id", hello)).isEqualTo(cursor);
        assertThat(hello.lines()).as(hello).hasSize(3);
        return cursor;
    }

    /** Reads retry and hello of a stream that begins with a gap. Returns the cursor. */
    public String startWithGap() {
        assertThat(block()).startsWith("retry: ");
        String hello = block();
        assertThat(hello.lines()).as(hello).hasSize(2);
        return helloCursor(hello);
    }

    private static String helloCursor(String hello) {
        assertThat(fieldOf("event", hello)).isEqualTo("hello");
        String data = fieldOf("data", hello);
        assertThat(data).matches("\\{\"type\":\"hello\",\"session\":\"[0-9a-f]{16}\",\"cursor\":\"[0-9A-Z]{26}\"}");
        return data.substring(data.length() - 28, data.length() - 2);
    }

    /** Waits for the end of the body, in the form that the head announced. */
    public void awaitEnd() {
        if (isChunked) {
            assertThat(left).as("bytes left in the chunk").isZero();
            assertThat(chunkLength()).as("the end").isZero();
            assertThat(http().readLine()).isEmpty();
        }
        assertThat(http().readByteOrEnd()).as("the end of the connection").isEqualTo(-1);
    }

    private int nextByte() {
        if (left == 0 && isChunked) {
            left = chunkLength();
        }
        if (left == 0) {
            throw new UncheckedIOException(new EOFException("the stream has ended"));
        }
        int next = http().readByte();
        left--;
        if (isChunked && left == 0) {
            assertThat(http().readLine()).isEmpty();
        }
        return next;
    }

    private int chunkLength() {
        return Integer.parseInt(http().readLine(), 16);
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
