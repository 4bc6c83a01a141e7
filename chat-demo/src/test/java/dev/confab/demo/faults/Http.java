package dev.confab.demo.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A connection to a node that may end, or be silent, at any moment. Both cause an {@link IOException}. Confined to one
 * thread.
 */
final class Http implements AutoCloseable {
    /** Long enough for an ordinary pause, and short enough to try another node when a node is frozen. */
    static final Duration PATIENCE = Duration.ofSeconds(4);

    private final Socket socket;
    private final InputStream in;

    Http(int port) throws IOException {
        this(port, PATIENCE);
    }

    /** @param patience the time limit for connecting, and the longest silence before reading fails */
    Http(int port, Duration patience) throws IOException {
        int millis = (int) patience.toMillis();
        socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
            socket.setSoTimeout(millis);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * A response.
     *
     * @param headers the values by header name in lower case
     */
    record Response(int status, Map<String, String> headers, String body) {}

    void send(String head, byte... body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(body);
        write(bytes.toByteArray());
    }

    void write(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    Response get(String target) throws IOException {
        send("GET " + target + " HTTP/1.1\r\nHost: test");
        return read();
    }

    Response post(String target, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        send(
                "POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length,
                body);
        return read();
    }

    private Response read() throws IOException {
        Response head = readHead();
        String length = head.headers.get("content-length");
        byte[] body = readBytes(length == null ? 0 : Integer.parseInt(length));
        return new Response(head.status, head.headers, new String(body, StandardCharsets.UTF_8));
    }

    /** Reads the status line and the headers. The body of the result is empty. */
    Response readHead() throws IOException {
        String statusLine = readLine();
        Map<String, String> headers = new TreeMap<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(": ");
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
        }
        return new Response(Integer.parseInt(statusLine.substring(9, 12)), headers, "");
    }

    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        for (int b = readByte(); b != '\n'; b = readByte()) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    byte[] readBytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    int readByte() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException();
        }
        return b;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
