package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.MessageId;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The port for TLS, and the plain port beside it. */
final class TlsTest {
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration NEVER = Duration.ofHours(1);

    /** A ClientHello of TLS 1.1 with TLS_RSA_WITH_AES_128_CBC_SHA and TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA. */
    private static final byte[] HELLO_OF_TLS_1_1 = HexFormat.of()
            .parseHex("160301" + "003f" + "01" + "00003b" + "0302" + "11".repeat(32) + "00" + "0004" + "002fc009"
                    + "0100" + "000e" + "000a00040002" + "0017" + "000b00020100");

    private static TestCertificate first;
    private static TestCertificate second;

    @TempDir
    Path directory;

    private TlsConfig config;

    @BeforeAll
    static void createCertificates() {
        first = TestCertificate.create("EC");
        second = TestCertificate.create("RSA");
    }

    @BeforeEach
    void writeFiles() {
        config = first.writeTo(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void requestsAreServed(String protocol) {
        SSLContext client = TestCertificate.client(protocol, first);
        try (ServerFixture fixture = serve(config);
                RawHttp http = RawHttp.overTls(fixture.server.tlsPort(), client)) {
            for (int i = 0; i < 3; i++) {
                assertThat(http.get("/health").read().status()).isEqualTo(200);
                assertThat(http.post("/messages", "application/json", "{\"body\":\"hello " + i + "\"}")
                                .read()
                                .status())
                        .isEqualTo(201);
            }
        }
    }

    @Test
    void anOlderProtocolIsRefused() {
        try (ServerFixture fixture = serve(config);
                RawHttp client = new RawHttp(fixture.server.tlsPort())) {
            client.send(HELLO_OF_TLS_1_1);
            // A fatal alert: protocol_version.
            assertThat(client.readByte()).isEqualTo(0x15);
            client.readBytes(4);
            assertThat(client.readBytes(2)).containsExactly(2, 70);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aRequestTooLargeGetsItsResponseBeforeTheConnectionEnds() {
        try (ServerFixture fixture = serve(config);
                RawHttp client = connect(fixture)) {
            client.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
            client.send(new byte[100_000]);
            assertThat(client.read().status()).isEqualTo(413);
            // Without close_notify, the client would throw an exception.
            assertThat(client.readByteOrEnd()).isEqualTo(-1);
        }
    }

    @Test
    void newConnectionsGetTheNewCertificateAndOpenConnectionsStay() {
        try (ServerFixture fixture = serve(config);
                RawHttp open = connect(fixture)) {
            assertThat(open.get("/health").read().status()).isEqualTo(200);
            second.writeTo(directory);
            awaitCertificate(fixture, second.certificate());
            assertThat(open.get("/health").read().status()).isEqualTo(200);
            assertThat(open.certificate()).isEqualTo(first.certificate());
            try (RawHttp next = connect(fixture)) {
                assertThat(next.get("/health").read().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void filesThatCannotBeUsedAreReportedOnceAndThePreviousCertificateStays() throws InterruptedException {
        BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
        try (TlsContext context = TlsContext.open(config, warnings::add)) {
            SslContext before = context.current();
            TestCertificate.write(config.certificates(), second.certificatePem());
            assertThat(warnings.poll(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("The new TLS files cannot be used, and the previous certificate stays: TLS key: "
                            + config.key()
                            + " (expected: a file with a private key in PEM form, PKCS #8, not encrypted;"
                            + " `openssl pkcs8 -topk8 -nocrypt` converts other forms): the file has no valid RSA key");
            assertThat(context.current()).isSameAs(before);

            TestCertificate.write(config.certificates(), "hello");
            assertThat(warnings.poll(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .contains("TLS certificates: " + config.certificates());
            assertThat(context.current()).isSameAs(before);
            assertThat(warnings).isEmpty();
        }
    }

    /** A change of the permissions does not show in the state of a file; here, a change of the content does not. */
    @Test
    void filesThatBecomeUsableWithoutAVisibleChangeAreUsed() throws Exception {
        FileTime written = FileTime.from(Instant.parse("2026-11-28T12:00:00Z"));
        BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
        try (TlsContext context = TlsContext.open(config, warnings::add)) {
            SslContext before = context.current();
            TestCertificate.write(config.key(), first.keyPem().replaceFirst("(?m)^M.{10}", "MAAAAAAAAAA"));
            Files.setLastModifiedTime(config.key(), written);
            assertThat(warnings.poll(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .contains("the file has no valid EC key");
            // Both keys have the same length. The file is not truncated, because a look must not find it empty.
            Files.writeString(config.key(), first.keyPem(), StandardOpenOption.WRITE);
            Files.setLastModifiedTime(config.key(), written);
            long end = System.nanoTime() + RawHttp.PATIENCE.toNanos();
            while (context.current() == before) {
                assertThat(System.nanoTime()).as("The mended file is not used").isLessThan(end);
            }
            assertThat(warnings).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cert.pem | missing   | TLS certificates: * the file does not exist",
                "cert.pem | directory | TLS certificates: * the file cannot be read: *",
                "cert.pem | text      | TLS certificates: * the file has *",
                "cert.pem | broken    | TLS certificates: * the file has another form",
                "key.pem  | missing   | TLS key: * the file does not exist",
                "key.pem  | text      | TLS key: * the file has no such key",
                "key.pem  | broken    | TLS key: * the file has no valid EC key",
                "key.pem  | other     | TLS key: * the file has another key",
            })
    void anUnusableFileIsReportedInOneLine(String name, String content, String line) throws IOException {
        Path file = directory.resolve(name);
        String pem = Files.readString(file);
        Files.delete(file);
        switch (content) {
            case "missing" -> {}
            case "directory" -> Files.createDirectory(file);
            case "text" -> Files.writeString(file, "hello");
            case "broken" -> Files.writeString(file, pem.replaceFirst("(?m)^M.{10}", "MAAAAAAAAAA"));
            default -> Files.writeString(file, TestCertificate.create("EC").keyPem());
        }
        String pattern = line.replace("*", "\\E.*\\Q");
        assertThatThrownBy(() -> serve(config))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .matches("\\Q" + pattern + "\\E")
                .contains(file.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /messages?room=a&after=latest, chat.example:8080, chat.example, /messages?room=a&after=latest",
        "POST, /messages, 127.0.0.1, 127.0.0.1, /messages",
        "DELETE, /nowhere, [::1]:8080, [::1], /nowhere",
        "GET, http://chat.example?room=a, chat.example, chat.example, /?room=a"
    })
    void plainRequestsAreRedirected(String method, String target, String host, String name, String path) {
        try (ServerFixture fixture = serve(config.withPlain(PlainRequests.REDIRECT));
                RawHttp client = fixture.connect()) {
            for (int i = 0; i < 3; i++) {
                client.send(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 2\r\n\r\n{}");
                RawHttp.Response response = client.read();
                assertThat(response.status()).isEqualTo(308);
                assertThat(response.header("location"))
                        .isEqualTo("https://" + name + ":" + fixture.server.tlsPort() + path);
            }
            client.send("GET / HTTP/1.0\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(400);
        }
    }

    @Test
    void plainRequestsAreRefused() {
        try (ServerFixture fixture = serve(config.withPlain(PlainRequests.REFUSE));
                RawHttp client = fixture.connect()) {
            MessageId before = fixture.store.lastId();
            RawHttp.Response response = client.post("/messages", "application/json", "{\"body\":\"hello\"}")
                    .read();
            assertThat(response.status()).isEqualTo(403);
            assertThat(response.body()).contains("\"code\":\"tls_required\"");
            assertThat(fixture.store.lastId()).isEqualTo(before);
        }
    }

    @Test
    void textWithoutTlsEndsItsConnectionOnly() {
        try (ServerFixture fixture = serve(config);
                RawHttp other = connect(fixture);
                RawHttp plain = new RawHttp(fixture.server.tlsPort())) {
            assertThat(other.get("/health").read().status()).isEqualTo(200);
            plain.get("/health");
            assertThat(plain.readToEnd()).doesNotContain("HTTP");
            assertThat(other.get("/health").read().status()).isEqualTo(200);
        }
    }

    @Test
    void bytesThatAreNoTlsRecordEndTheirConnection() {
        try (ServerFixture fixture = serve(config);
                RawHttp client = RawHttp.overTls(fixture.server.tlsPort(), first.client())) {
            assertThat(client.get("/health").read().status()).isEqualTo(200);
            client.sendPastTls(new byte[100]);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20})
    void aSlowHandshakeIsCut(int bytes) {
        try (ServerFixture fixture = serve(config.withHandshakeTimeout(SOON));
                RawHttp client = new RawHttp(fixture.server.tlsPort())) {
            client.send(Arrays.copyOf(HELLO_OF_TLS_1_1, bytes));
            client.readToEnd();
            assertThat(healthInTime(fixture).status()).isEqualTo(200);
        }
    }

    @Test
    void connectionsWithoutAHandshakeCountForTheLimitOfTheirAddress() {
        LimitsConfig two = LimitsConfig.defaults().withMaxConnectionsPerAddress(2);
        // One event loop serves the connections in their order.
        try (ChatServer server = ChatServer.start(
                ServerFixture.CONFIG.withEventLoops(1).withTls(config),
                Routes.of(new ParkingLot()).with(two))) {
            List<RawHttp> silent = List.of(new RawHttp(server.tlsPort()), new RawHttp(server.tlsPort()));
            try (RawHttp third = RawHttp.overTls(server.tlsPort(), first.client())) {
                assertThat(third.get("/nowhere").read().status()).isEqualTo(429);
            }
            silent.forEach(RawHttp::close);
        }
    }

    /** The drain timeout is far longer than a test may take. */
    @Test
    void aServerThatClosesDoesNotWaitForHandshakes() {
        ServerFixture fixture = new ServerFixture(
                ServerFixture.CONFIG
                        .withDrain(Duration.ZERO, NEVER)
                        .withTls(config.withHandshakeTimeout(NEVER).withPlain(PlainRequests.SERVE)),
                HttpConfig.defaults());
        try (RawHttp silent = new RawHttp(fixture.server.tlsPort());
                RawHttp idle = connect(fixture);
                RawHttp plain = fixture.connect()) {
            assertThat(idle.get("/health").read().status()).isEqualTo(200);
            assertThat(plain.get("/health").read().status()).isEqualTo(200);
            fixture.close();
            assertThat(silent.isClosedByServer()).isTrue();
            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(plain.isClosedByServer()).isTrue();
        }
    }

    @Test
    void onlyPagesOfHttpsAreTheServersOwn() {
        try (ServerFixture fixture = serve(config.withPlain(PlainRequests.SERVE));
                RawHttp plain = fixture.connect();
                RawHttp secure = connect(fixture)) {
            String fromHttp = "POST /messages HTTP/1.1\r\nHost: chat\r\nOrigin: http://chat\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\nbody=a";
            String fromHttps = fromHttp.replace("http://", "https://");
            // Repeated, because a known request is not checked again.
            for (int i = 0; i < 3; i++) {
                assertThat(plain.send(fromHttp).read().status()).isEqualTo(201);
                assertThat(plain.send(fromHttps).read().status()).isEqualTo(201);
                assertThat(secure.send(fromHttps).read().status()).isEqualTo(201);
                RawHttp.Response refused = secure.send(fromHttp).read();
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.body()).contains("\"code\":\"forbidden_origin\"");
            }
        }
    }

    @Test
    void aServerWithoutTlsHasNoPortForIt() {
        try (ServerFixture fixture = new ServerFixture()) {
            assertThatThrownBy(fixture.server::tlsPort).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aPortForTlsThatIsInUseIsReported() {
        try (ServerFixture fixture = new ServerFixture()) {
            int port = fixture.server.port();
            assertThatThrownBy(() -> serve(config.withPort(port)))
                    .hasMessage("Cannot listen on 127.0.0.1:" + port + ": the port is in use");
        }
    }

    private static ServerFixture serve(TlsConfig config) {
        return new ServerFixture(ServerFixture.CONFIG.withTls(config), HttpConfig.defaults());
    }

    private static RawHttp connect(ServerFixture fixture) {
        return RawHttp.overTls(fixture.server.tlsPort(), TestCertificate.client("TLSv1.3", first, second));
    }

    /** Requests the health of a server whose time for a handshake is short, so that a slow machine may miss it. */
    private static RawHttp.Response healthInTime(ServerFixture fixture) {
        long end = System.nanoTime() + RawHttp.PATIENCE.toNanos();
        while (true) {
            // With TLS 1.3, the handshake of the server ends after that of the client, and may be too late even then.
            try (RawHttp quick = connect(fixture)) {
                return quick.get("/health").read();
            } catch (UncheckedIOException e) {
                assertThat(System.nanoTime())
                        .as("No handshake was quick enough")
                        .isLessThan(end);
            }
        }
    }

    private static X509Certificate certificate(ServerFixture fixture) {
        try (RawHttp client = connect(fixture)) {
            return client.certificate();
        }
    }

    private static void awaitCertificate(ServerFixture fixture, X509Certificate expected) {
        long end = System.nanoTime() + RawHttp.PATIENCE.toNanos();
        while (!certificate(fixture).equals(expected)) {
            assertThat(System.nanoTime()).as("The new certificate is not used").isLessThan(end);
        }
    }
}
