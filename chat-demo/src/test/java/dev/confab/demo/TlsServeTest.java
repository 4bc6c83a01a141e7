package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TestCertificate;
import dev.confab.netty.TlsConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of {@code serve} for TLS. */
final class TlsServeTest {
    private static final String LISTENING = "Listening on https://127.0.0.1:";

    @TempDir
    Path directory;

    @Test
    void theServerListensOnBothPortsAndRedirects() {
        TestCertificate certificate = TestCertificate.create("EC");
        TlsConfig files = certificate.writeTo(directory);
        try (ServerProcess server = new ServerProcess(
                Map.of(),
                "--port",
                "0",
                "--database-url",
                "memory",
                "--tls-cert",
                files.certificates().toString(),
                "--tls-key",
                files.key().toString(),
                "--tls-port",
                "0")) {
            int port = server.port();
            String line = server.line();
            assertThat(line).startsWith(LISTENING);
            int tlsPort = Integer.parseInt(line.substring(LISTENING.length()));
            try (RawHttp plain = new RawHttp(port);
                    RawHttp secure = RawHttp.overTls(tlsPort, certificate.client())) {
                assertThat(plain.get("/compare").read().header("location"))
                        .isEqualTo("https://test:" + tlsPort + "/compare");
                assertThat(secure.get("/compare").read().status()).isEqualTo(200);
            }
            server.terminate();
            assertThat(server.status()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--tls-port 0 | --tls-cert: missing (expected: a file, with all other --tls options)",
                "--tls-cert a.pem | --tls-key: missing (expected: a file, with --tls-cert)",
                "--tls-cert a.pem --tls-key b.pem --tls-port 70000 | --tls-port: 70000 (expected: 0 to 65535)",
                "--tls-cert a.pem --tls-key b.pem --tls-plain no | Invalid value for option '--tls-plain': expected one"
                        + " of [SERVE, REDIRECT, REFUSE] (case-insensitive) but was 'no'",
                "--tls-cert /no/a.pem --tls-key b.pem | TLS certificates: /no/a.pem (expected: a file with certificates"
                        + " in PEM form): the file does not exist"
            })
    void aWrongOptionIsReportedInOneLineWithStatusTwo(String options, String line) {
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute(("serve --port 0 --database-url memory " + options).split(" "));
        assertThat(err.toString().lines()).containsExactly("chat-demo serve: " + line);
        assertThat(status).isEqualTo(2);
    }
}
