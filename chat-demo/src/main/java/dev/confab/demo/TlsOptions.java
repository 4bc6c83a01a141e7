package dev.confab.demo;

import dev.confab.netty.PlainRequests;
import dev.confab.netty.TlsConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for TLS. */
final class TlsOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Serve TLS, too, with the certificates in this PEM file: the server's own first. The file is"
                    + " read again when it changes.")
    private @Nullable Path certificates;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The private key of the server's certificate: PEM, PKCS #8, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--tls-port",
            paramLabel = "PORT",
            description = "The port for TLS; 0 for any free port (default: 8443).")
    private @Nullable Integer port;

    @Option(
            names = "--tls-plain",
            paramLabel = "HOW",
            description =
                    "How requests without TLS are handled at --port: ${COMPLETION-CANDIDATES} (default: REDIRECT).")
    private @Nullable PlainRequests plain;

    /** @return null for a server without TLS */
    @Nullable
    TlsConfig config() {
        if (certificates == null) {
            if (key != null || port != null || plain != null) {
                throw new IllegalArgumentException(
                        "--tls-cert: missing (expected: a file, with all other --tls options)");
            }
            return null;
        }
        if (key == null) {
            throw new IllegalArgumentException("--tls-key: missing (expected: a file, with --tls-cert)");
        }
        TlsConfig config = TlsConfig.of(certificates, key);
        if (port != null) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("--tls-port: " + port + " (expected: 0 to 65535)");
            }
            config = config.withPort(port);
        }
        return plain == null ? config : config.withPlain(plain);
    }
}
