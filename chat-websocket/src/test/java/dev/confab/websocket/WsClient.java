package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client with control over every byte it sends and receives. For use by one thread. Every read times out after 10 s.
 */
final class WsClient implements AutoCloseable {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static final byte[] MASK = {0x12, (byte) 0xA5, 0x00, (byte) 0xFF};

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    private WsClient(int port, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Connects, and sends nothing yet. */
    static WsClient connect(WsServer server) {
        return connect(server.port(), 0);
    }

    /** Connects to a port and completes the handshake, for servers that are not a {@link WsServer}. */
    static WsClient openAt(int port, String query) {
        return connect(port, 0).upgrade(query);
    }

    private static WsClient connect(int port, int receiveBuffer) {
        try {
            return new WsClient(port, receiveBuffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects and completes the handshake. */
    static WsClient open(WsServer server, String query) {
        return connect(server).upgrade(query);
    }

    /** Works like {@link #open}, but with a small receive buffer, for a client that will not read. */
    static WsClient openSlow(WsServer server, String query) {
        return connect(server.port(), 4 << 10).upgrade(query);
    }

    /** Connects, completes the handshake and reads {@code hello}. */
    static WsClient greeted(WsServer server, String query) {
        WsClient client = open(server, query);
        assertThat(client.text()).startsWith("{\"type\":\"hello\"");
        return client;
    }

    private WsClient upgrade(String query) {
        String head = request(query, UPGRADE);
        assertThat(head)
                .startsWith("HTTP/1.1 101 ")
                .containsIgnoringCase("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        return this;
    }

    /** Sends a request and returns the head of the response. */
    String request(String query, String headers) {
        raw("GET /ws" + query + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
        return head();
    }

    /** Reads up to the end of an HTTP head. */
    String head() {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) read());
        }
        return head.toString();
    }

    void raw(String latin1) {
        raw(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    void raw(byte... bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void send(String text) {
        frame(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    void ping(String payload) {
        frame(true, PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a close frame. */
    void bye(int code) {
        frame(true, CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    void frame(boolean isFinal, int opcode, byte[] payload) {
        raw(encode(isFinal, opcode, payload));
    }

    static byte[] encode(String text) {
        return encode(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] encode(boolean isFinal, int opcode, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write((isFinal ? 0x80 : 0) | opcode);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length <= 0xFFFF) {
            frame.write(0x80 | 126);
            frame.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            frame.write(0x80 | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ MASK[i % 4]);
        }
        return frame.toByteArray();
    }

    /** Reads the next frame, and asserts that it is a final, unmasked frame without reserved bits. */
    Frame frame() {
        int first = read();
        int second = read();
        assertThat(first & 0x70).as("reserved bits").isZero();
        assertThat(first & 0x80).as("final").isNotZero();
        assertThat(second & 0x80).as("mask").isZero();
        try {
            int length = second;
            if (second == 126) {
                length = in.readUnsignedShort();
            } else if (second == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(first & 0xF, payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the next frame, which must be a text frame, and returns its text. */
    String text() {
        Frame frame = frame();
        assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(TEXT);
        return frame.text();
    }

    /** Reads the next frame, which must be a close frame, and returns its code. */
    int closeCode() {
        Frame frame = frame();
        assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(CLOSE);
        return frame.code();
    }

    /** Asserts that the server ends the connection without sending another byte. */
    void expectEnd() {
        try {
            assertThat(in.read()).as("byte after the end").isEqualTo(-1);
        } catch (SocketException e) {
            throw new AssertionError("The connection was reset", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether received bytes can be read without waiting. */
    boolean hasInput() {
        try {
            return in.available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Disconnects with a reset and without a close frame, like a crashed client. */
    void vanish() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        assertThat(found.find()).as("%s in %s", name, json).isTrue();
        return found.group(1);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int read() {
        try {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("The server ended the connection");
            }
            return b;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        int code() {
            return payload.length == 0 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        }

        @Override
        public String toString() {
            return "opcode " + opcode + " " + (opcode == CLOSE ? code() + " " : "") + text();
        }
    }
}
