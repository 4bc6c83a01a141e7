package dev.confab.demo;

import dev.confab.core.ChatService;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.EventClient;
import dev.confab.netty.PollClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TestCertificate;
import dev.confab.netty.TlsConfig;
import dev.confab.netty.TransportContract;
import dev.confab.netty.TransportReader;
import dev.confab.netty.WsClient;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all transports, with readers that connect over TLS. */
final class TlsContractTest {
    @TempDir
    static Path directory;

    private static TlsConfig config;
    private static SSLContext client;

    @BeforeAll
    static void createCertificate() {
        TestCertificate certificate = TestCertificate.create("EC");
        config = certificate.writeTo(directory);
        client = certificate.client();
    }

    abstract static class OverTls extends TransportContract {
        abstract TransportReader read(RawHttp http, String query);

        @Override
        protected TransportReader connect(int port, String query) {
            return read(RawHttp.overTls(port, client), query);
        }

        @Override
        protected ChatServerConfig configure(ChatServerConfig defaults) {
            return defaults.withTls(config);
        }

        @Override
        protected int port(ChatServer running) {
            return running.tlsPort();
        }
    }

    @Nested
    final class LongPoll extends OverTls {
        @Override
        protected Endpoint endpoint(ChatService chat) {
            return new LongPollHandler(chat, LongPollConfig.defaults());
        }

        @Override
        TransportReader read(RawHttp http, String query) {
            return new PollClient(http, query);
        }
    }

    @Nested
    final class Sse extends OverTls {
        @Override
        protected Endpoint endpoint(ChatService chat) {
            return new SseHandler(chat, SseConfig.defaults());
        }

        @Override
        TransportReader read(RawHttp http, String query) {
            return EventClient.open(http, query);
        }
    }

    @Nested
    final class WebSocket extends OverTls {
        @Override
        protected Endpoint endpoint(ChatService chat) {
            return new WebSocketHandler(chat, WebSocketConfig.defaults());
        }

        @Override
        TransportReader read(RawHttp http, String query) {
            return new WsClient(http).upgrade("?" + query);
        }
    }
}
