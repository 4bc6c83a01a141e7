package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Subscription;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the whole files of the documents. */
@Timeout(60)
final class ExamplesTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path directory;

    @Test
    void theApplicationServesAllPathsAndPrintsMessages() throws InterruptedException {
        BlockingQueue<String> lines = new ArrayBlockingQueue<>(2_000);
        Printer printer = new Printer(lines);
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            Subscription first = subscribe(chat, printer);
            try (ChatServer server = ChatServer.start(
                            ChatServerConfig.defaults().withAddress("127.0.0.1", 0), ChatApplication.routes(chat));
                    RawHttp client = new RawHttp(server.port())) {
                for (String path : new String[] {"/messages?wait=0", "/presence", "/health"}) {
                    assertThat(client.get(path).read().status()).as(path).isEqualTo(200);
                }
                assertThat(client.get("/ws").read().status()).isEqualTo(426);
                client.post("/messages", "application/x-www-form-urlencoded", "body=hello");
                assertThat(lines.poll(30, TimeUnit.SECONDS)).isEqualTo("hello");
            }
            first.close();
            chat.publish(Draft.of(Room.LOBBY, "while away")).join();
            subscribe(chat, printer);
            assertThat(lines.poll(30, TimeUnit.SECONDS)).isEqualTo("while away");
        }
        assertThat(lines.poll(30, TimeUnit.SECONDS)).isEqualTo("The chat is closed");
    }

    @Test
    void theServerOfTheApplicationServesTheChatOverTlsAndDrainsIt() throws Exception {
        KeyStore keys = keys();
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        SslContext tls = SslContextBuilder.forServer(own).build();
        HttpClient client = client(keys);
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            Routes routes = Routes.of(
                            new TokenGuard(new PublishHandler(chat), "secret"),
                            new LongPollHandler(chat, LongPollConfig.defaults()),
                            new HealthHandler(chat))
                    .under("/chat");
            CompletableFuture<HttpResponse<String>> waiting;
            try (OwnServer server = new OwnServer(
                    new InetSocketAddress("127.0.0.1", 0), tls, routes, ChannelInboundHandlerAdapter::new)) {
                String base = "https://127.0.0.1:" + server.port() + "/chat";
                assertThat(send(client, get(base + "/health")).statusCode()).isEqualTo(200);
                assertThat(send(client, post(base + "/messages", "guess")).statusCode())
                        .isEqualTo(403);
                assertThat(send(client, post(base + "/messages", "secret")).statusCode())
                        .isEqualTo(201);
                String before = chat.head().toString();
                waiting = client.sendAsync(
                        get(base + "/messages?wait=60&after=latest&nick=ann"), HttpResponse.BodyHandlers.ofString());
                // Once the nick has joined, the poll waits.
                String join = send(client, get(base + "/messages?wait=30&after=" + before))
                        .body();
                assertThat(join).contains("\"type\":\"join\"");
            }
            assertThat(waiting.get(30, TimeUnit.SECONDS).body()).isEqualTo("[]");
        }
    }

    private static Subscription subscribe(ChatService chat, Printer printer) {
        return chat.subscribe(RoomSet.of(Room.LOBBY), printer.continuation(), Runnable::run, printer)
                .join();
    }

    private static HttpRequest get(String url) {
        return HttpRequest.newBuilder(URI.create(url)).build();
    }

    private static HttpRequest post(String url, String token) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"body\":\"hello\"}"))
                .build();
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Returns a client that trusts the certificate of the server. */
    private static HttpClient client(KeyStore keys) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    /** Returns a key for 127.0.0.1 with a certificate that is signed by itself. */
    private KeyStore keys() throws Exception {
        Path file = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        // A trust store needs the certificate as an entry of its own.
        keys.setCertificateEntry("trusted", keys.getCertificate("server"));
        return keys;
    }
}
