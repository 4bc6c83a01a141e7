package dev.confab.netty;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of a port for TLS. Start from {@link #of}. The protocols are TLS 1.3 and TLS 1.2. The engine is that of
 * the JDK, or OpenSSL when netty-tcnative is available.
 *
 * <p>Files that change are read again within a few seconds. New connections then get the new certificate, and open
 * connections are kept. If the new files cannot be used, a warning is logged, and the previous certificate stays in use
 * until they can.
 *
 * @param certificates a file with the certificates in PEM form: the server's own certificate first, then each
 *     certificate that signs the previous one
 * @param key a file with the private key of the server's certificate: PEM form, PKCS #8, not encrypted
 * @param port the port to listen on, at the host of {@link ChatServerConfig#host}; 0 for any free port
 * @param plain how requests without TLS at {@link ChatServerConfig#port} are handled
 * @param handshakeTimeout the time after which a connection without a complete handshake is closed
 */
public record TlsConfig(Path certificates, Path key, int port, PlainRequests plain, Duration handshakeTimeout) {
    /** Returns the default settings: port 8443, plain requests are redirected, 10 s for a handshake. */
    public static TlsConfig of(Path certificates, Path key) {
        return new TlsConfig(certificates, key, 8443, PlainRequests.REDIRECT, Duration.ofSeconds(10));
    }

    public TlsConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
        if (handshakeTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("handshakeTimeout: " + handshakeTimeout + " (expected: 1 ms or more)");
        }
    }

    public TlsConfig withPort(int port) {
        return new TlsConfig(certificates, key, port, plain, handshakeTimeout);
    }

    public TlsConfig withPlain(PlainRequests plain) {
        return new TlsConfig(certificates, key, port, plain, handshakeTimeout);
    }

    public TlsConfig withHandshakeTimeout(Duration handshakeTimeout) {
        return new TlsConfig(certificates, key, port, plain, handshakeTimeout);
    }
}
