package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket client with control over every byte it sends and receives. */
public final class WsClient extends EntryReader {
    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;

    /** The header lines of a handshake. */
    public static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static final byte[] MASK = {0x12, (byte) 0xA5, 0x00, (byte) 0xFF};

    private boolean isGreeted;

    /** Creates a client that has sent nothing yet. */
    public WsClient(RawHttp http) {
        super(http);
    }

    /** Completes the handshake. */
    public WsClient upgrade(String query) {
        RawHttp.Response head = check(send(query, UPGRADE).readHead(), 101);
        assertThat(head.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        return this;
    }

    /** Completes the handshake and reads {@code hello}. */
    public WsClient greet(String query) {
        upgrade(query);
        assertThat(text()).startsWith(HELLO);
        isGreeted = true;
        return this;
    }

    /** Sends a request and returns the head of the response. */
    public String request(String query, String headers) {
        return send(query, headers).readHead().head();
    }

    private RawHttp send(String query, String headers) {
        return http().send("GET /ws" + query + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    }

    @Override
    protected String receive() {
        Frame frame = frame();
        switch (frame.opcode) {
            case PING -> frame(true, PONG, frame.payload);
            case CLOSE -> {
                frame(true, CLOSE, frame.payload);
                throw new UncheckedIOException(new EOFException(frame.toString()));
            }
            default -> {
                assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(TEXT);
                if (isGreeted) {
                    return frame.text();
                }
                assertThat(frame.text()).startsWith(HELLO);
                isGreeted = true;
            }
        }
        return null;
    }

    public void send(String text) {
        frame(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public void ping(String payload) {
        frame(true, PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a close frame. */
    public void bye(int code) {
        frame(true, CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    public void frame(boolean isFinal, int opcode, byte[] payload) {
        http().send(encode(isFinal, opcode, payload));
    }

    public static byte[] encode(String text) {
        return encode(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] encode(boolean isFinal, int opcode, byte[] payload) {
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
    public Frame frame() {
        int first = http().readByte();
        int second = http().readByte();
        assertThat(first & 0x70).as("reserved bits").isZero();
        assertThat(first & 0x80).as("final").isNotZero();
        assertThat(second & 0x80).as("mask").isZero();
        int length = second;
        if (second == 126) {
            length = ByteBuffer.wrap(http().readBytes(2)).getShort() & 0xFFFF;
        } else if (second == 127) {
            length = Math.toIntExact(ByteBuffer.wrap(http().readBytes(8)).getLong());
        }
        return new Frame(first & 0xF, http().readBytes(length));
    }

    /** Reads the next frame, which must be a text frame, and returns its text. */
    public String text() {
        Frame frame = frame();
        assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(TEXT);
        return frame.text();
    }

    /** Reads the next frame, which must be a close frame, and returns its code. */
    public int closeCode() {
        Frame frame = frame();
        assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(CLOSE);
        return frame.code();
    }

    /** Asserts that the server ends the connection without a reset and without sending another byte. */
    public void expectEnd() {
        assertThat(http().readByteOrEnd()).as("byte after the end").isEqualTo(-1);
    }

    public record Frame(int opcode, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        public int code() {
            return payload.length == 0 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        }

        @Override
        public String toString() {
            return "opcode " + opcode + " " + (opcode == CLOSE ? code() + " " : "") + text();
        }
    }
}
