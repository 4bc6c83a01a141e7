package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A connection on which a test sends exactly the bytes it wants, valid or not, and reads the response. A connection
 * that breaks, ends too early, or is silent for too long causes an {@link UncheckedIOException}. Not thread-safe.
 */
public final class RawHttp implements AutoCloseable {
    /** Far longer than any response takes, so only a failing test waits until it has passed. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;

    /** The socket below TLS; {@link #socket} itself without TLS. */
    private final Socket tcp;

    private final Duration patience;
    private final InputStream in;

    public RawHttp(int port) {
        this(port, PATIENCE);
    }

    /** @param patience the time limit for connecting, and the longest silence before a read fails */
    public RawHttp(int port, Duration patience) {
        this(port, patience, 0);
    }

    private RawHttp(int port, Duration patience, int receiveBuffer) {
        this.socket = new Socket();
        this.tcp = socket;
        this.patience = patience;
        int millis = (int) patience.toMillis();
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
            socket.setSoTimeout(millis);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            hangUp();
            throw new UncheckedIOException(e);
        }
    }

    private RawHttp(SSLSocket tls, Socket tcp) throws IOException {
        this.socket = tls;
        this.tcp = tcp;
        this.patience = PATIENCE;
        this.in = new BufferedInputStream(tls.getInputStream());
    }

    /** Connects with a small receive buffer, for a client that stops reading. */
    public static RawHttp slow(int port, Duration patience) {
        return new RawHttp(port, patience, 4_096);
    }

    /** Connects with TLS, and completes the handshake. */
    public static RawHttp overTls(int port, SSLContext client) {
        Socket tcp = new Socket();
        try {
            tcp.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
            tcp.setSoTimeout((int) PATIENCE.toMillis());
            SSLSocket tls = (SSLSocket) client.getSocketFactory().createSocket(tcp, "localhost", port, true);
            tls.startHandshake();
            return new RawHttp(tls, tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the certificate of the server, for a connection with TLS. */
    X509Certificate certificate() {
        try {
            return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The longest silence before a read fails. */
    Duration patience() {
        return patience;
    }

    /** Sets the longest silence before a read fails, but to at least a millisecond. */
    void limitSilence(long nanos) {
        try {
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A response. The header lines are in the order received, with their names in lower case. */
    public record Response(int status, String statusLine, List<String> headers, String body) {
        /** The value of a header, or null. Fails if the header occurs more than once. */
        public String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ": ";
            List<String> found = headers.stream()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .toList();
            assertThat(found).as(name).hasSizeLessThan(2);
            return found.isEmpty() ? null : found.get(0);
        }

        /** The status line and the headers, up to the empty line at their end. */
        public String head() {
            return statusLine + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
        }
    }

    /** Sends each character of the text as one byte: {@code \u00fc} is sent as 0xFC. */
    public RawHttp send(String latin1) {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawHttp send(byte... bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends bytes without encrypting them. */
    void sendPastTls(byte... bytes) {
        try {
            tcp.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends {@code GET target}. */
    public RawHttp get(String target) {
        return send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }

    /** Sends {@code POST target} with a body in UTF-8. */
    public RawHttp post(String target, String contentType, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        send("POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Type: " + contentType + "\r\nContent-Length: "
                + bytes.length + "\r\n\r\n");
        return send(bytes);
    }

    /** Reads a response with its body. A body without a length or chunks ends with the connection. */
    public Response read() {
        return read(false);
    }

    /** Reads the response to a HEAD, or the head of any response. */
    public Response readHead() {
        return read(true);
    }

    /** Reads a line that ends in CRLF, without its end. */
    public String readLine() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = readByte(); b != '\r'; b = readByte()) {
            if (b == '\n') {
                throw new AssertionError("No CR before the LF: " + line);
            }
            line.write(b);
        }
        assertThat(readByte()).as("the byte after the CR").isEqualTo('\n');
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Reads one byte. */
    public int readByte() {
        int b = readByteOrEnd();
        if (b < 0) {
            throw new UncheckedIOException(new EOFException("closed"));
        }
        return b;
    }

    /** Reads exactly {@code count} bytes. */
    public byte[] readBytes(int count) {
        try {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("closed after " + bytes.length + " of " + count + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one byte, or returns -1 at the end of the connection. A reset is not an end. */
    public int readByteOrEnd() {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads up to the end of the connection. */
    public String readToEnd() {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of received bytes, which can be read without waiting. */
    public int available() {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the server closes the connection. Returns false if another byte arrives, or nothing in time. */
    public boolean isClosedByServer() {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Closes the sending direction only, so responses can still be read. */
    public RawHttp shutdownOutput() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        hangUp();
    }

    /** Closes the connection with a reset, like a crashed client. */
    public void vanish() {
        try {
            tcp.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hangUp();
    }

    /** Closes the connection. */
    public void hangUp() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Response read(boolean withoutBody) {
        String statusLine = readLine();
        if (!statusLine.matches("HTTP/1\\.1 [1-5][0-9][0-9] .*")) {
            throw new AssertionError("Not a status line: " + statusLine);
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        List<String> headers = new ArrayList<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(": ");
            headers.add(line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon));
        }
        Response head = new Response(status, statusLine, headers, "");
        boolean isEmpty = withoutBody || status == 204 || status < 200;
        return isEmpty ? head : new Response(status, statusLine, headers, readBody(head));
    }

    private String readBody(Response head) {
        if ("chunked".equals(head.header("transfer-encoding"))) {
            return readChunks();
        }
        String length = head.header("content-length");
        return length == null ? readToEnd() : new String(readBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
    }

    private String readChunks() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(readLine(), 16); size > 0; size = Integer.parseInt(readLine(), 16)) {
            body.writeBytes(readBytes(size));
            readLine();
        }
        readLine();
        return body.toString(StandardCharsets.UTF_8);
    }
}
