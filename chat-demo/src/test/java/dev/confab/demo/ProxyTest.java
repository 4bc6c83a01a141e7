package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.netty.RawHttp;
import dev.confab.netty.TestCertificate;
import dev.confab.netty.TlsConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documented configurations of proxies, each with clients that read and publish through it. */
final class ProxyTest {
    private static final long PATIENCE = RawHttp.PATIENCE.toSeconds();

    @TempDir
    Path directory;

    private Process proxy;
    private int port;
    private int plainPort;

    @AfterEach
    void stop() throws InterruptedException {
        if (proxy != null) {
            proxy.destroy();
            proxy.waitFor(PATIENCE, TimeUnit.SECONDS);
        }
    }

    @Test
    void nginxPassesAllTransportsOn() throws Exception {
        String nginx = installed("nginx");
        check(config -> List.of(
                nginx,
                "-p",
                directory.toString(),
                "-c",
                config.toString(),
                "-e",
                "stderr",
                "-g",
                "daemon off; pid nginx.pid;"));
    }

    @Test
    void haproxyPassesAllTransportsOn() throws Exception {
        String haproxy = installed("haproxy");
        check(config -> List.of(haproxy, "-db", "-f", config.toString()));
    }

    private interface CommandLine {
        List<String> of(Path config);
    }

    private void check(CommandLine command) throws Exception {
        TestCertificate certificate = TestCertificate.create("EC");
        TlsConfig files = certificate.writeTo(directory);
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificate.client()).build();
        try (Node node = Node.start(NodeConfig.inMemory())) {
            start(command, files, node.port());
            readAndPublish(client);
            try (RawHttp plain = new RawHttp(plainPort)) {
                RawHttp.Response response = plain.send("GET /messages?room=a HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .read();
                assertThat(response.status()).isEqualTo(308);
                assertThat(response.header("location")).isEqualTo("https://localhost/messages?room=a");
            }
        }
    }

    private void readAndPublish(HttpClient client) throws Exception {
        HttpResponse<String> published = publish(client, "one");
        assertThat(published.statusCode()).isEqualTo(201);
        assertThat(published.version()).isEqualTo(HttpClient.Version.HTTP_2);
        String one = published.body().replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1");
        assertThat(get(client, "/messages?room=a&after=earliest").get(PATIENCE, TimeUnit.SECONDS))
                .contains("\"one\"");

        Listener socket = new Listener();
        WebSocket sender = client.newWebSocketBuilder()
                .buildAsync(URI.create("wss://localhost:" + port + "/ws?room=a&after=" + one), socket)
                .get(PATIENCE, TimeUnit.SECONDS);
        HttpResponse<java.io.InputStream> events = client.sendAsync(
                        request("/events?room=a&after=" + one).build(), HttpResponse.BodyHandlers.ofInputStream())
                .get(PATIENCE, TimeUnit.SECONDS);
        assertThat(events.version()).isEqualTo(HttpClient.Version.HTTP_2);
        CompletableFuture<String> poll = get(client, "/messages?room=a&wait=" + PATIENCE + "&after=" + one);

        sender.sendText("{\"type\":\"send\",\"room\":\"a\",\"body\":\"two\"}", true)
                .get(PATIENCE, TimeUnit.SECONDS);
        assertThat(poll.get(PATIENCE, TimeUnit.SECONDS)).contains("\"two\"");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            awaitEvent(lines, "\"two\"");
            socket.await("\"two\"");
            // The stream has been idle: an event that a proxy held back would not come.
            publish(client, "three");
            awaitEvent(lines, "\"three\"");
            socket.await("\"three\"");
        }
        sender.abort();
    }

    private static void awaitEvent(BufferedReader lines, String part) {
        assertThat(CompletableFuture.supplyAsync(
                                () -> lines.lines().anyMatch(line -> line.startsWith("data:") && line.contains(part)))
                        .orTimeout(PATIENCE, TimeUnit.SECONDS)
                        .join())
                .isTrue();
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port + target));
    }

    private CompletableFuture<String> get(HttpClient client, String target) {
        return client.sendAsync(request(target).build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(HttpResponse::body);
    }

    private HttpResponse<String> publish(HttpClient client, String body) throws Exception {
        HttpRequest request = request("/messages?room=a")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"body\":\"" + body + "\"}"))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).get(PATIENCE, TimeUnit.SECONDS);
    }

    private void start(CommandLine command, TlsConfig files, int node) throws Exception {
        Path name = Path.of(command.of(Path.of("")).get(0)).getFileName();
        try (ServerSocket secure = new ServerSocket(0);
                ServerSocket plain = new ServerSocket(0)) {
            port = secure.getLocalPort();
            plainPort = plain.getLocalPort();
        }
        Path pem = directory.resolve("chat.pem");
        Files.writeString(pem, Files.readString(files.certificates()) + Files.readString(files.key()));
        String text = Files.readString(Path.of("../docs/proxy/" + name + ".conf"))
                .replace("127.0.0.1:8080", "127.0.0.1:" + node)
                .replaceAll("(listen |bind :)443", "$1" + port)
                .replaceAll("(listen |bind :)80", "$1" + plainPort)
                .replace("chat.example", "localhost")
                .replace("/etc/nginx/chat.crt", files.certificates().toString())
                .replace("/etc/nginx/chat.key", files.key().toString())
                .replace("/etc/haproxy/chat.pem", pem.toString());
        Path log = directory.resolve("proxy.log");
        proxy = new ProcessBuilder(command.of(Files.writeString(directory.resolve("proxy.conf"), text)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = System.nanoTime() + RawHttp.PATIENCE.toNanos();
        while (!isListening()) {
            assertThat(proxy.isAlive() && System.nanoTime() < end)
                    .as(() -> "The proxy does not listen: " + read(log))
                    .isTrue();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private boolean isListening() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }

    private static String installed(String program) {
        Path file = Path.of("/usr/sbin", program);
        assumeTrue(Files.isExecutable(file), "The Debian package " + program + " is not installed");
        return file.toString();
    }

    /** Collects the text frames of a WebSocket. */
    private static final class Listener implements WebSocket.Listener {
        private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        private final StringBuilder frame = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            frame.append(data);
            if (last) {
                frames.add(frame.toString());
                frame.setLength(0);
            }
            socket.request(1);
            return null;
        }

        void await(String part) throws InterruptedException {
            String text;
            do {
                text = frames.poll(PATIENCE, TimeUnit.SECONDS);
                assertThat(text).as("a frame with %s", part).isNotNull();
            } while (!text.contains(part));
        }
    }
}
