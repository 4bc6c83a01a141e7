package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Gate;
import dev.confab.core.Message;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.ReaderStats;
import dev.confab.netty.WsClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection with {@code echo=false} does not get its own messages. */
@Timeout(60)
class EchoTest {
    private static final Room A = new Room("a");

    private final ScriptedStore store = new ScriptedStore();
    private final WsServer server = new WsServer(WebSocketConfig.defaults(), store);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void ownMessagesAreLeftOutAndOthersComeOnceAndInOrder() throws Exception {
        List<String> expected = new ArrayList<>();
        List<String> others = new ArrayList<>();
        try (WsClient client = server.greeted("?room=a&echo=false");
                WsClient all = server.greeted("?room=a")) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 300; i++) {
                    server.publish(A, "other " + i);
                }
            });
            writer.start();
            int acks = 0;
            for (int i = 0; i < 300; i++) {
                client.send("{\"type\":\"send\",\"body\":\"own\",\"ref\":" + i + "}");
            }
            for (int i = 0; i < 300; i++) {
                expected.add("other " + i);
            }
            while (acks < 300 || others.size() < 300) {
                String text = client.text();
                if (text.startsWith("{\"type\":\"ack\"")) {
                    acks++;
                } else {
                    others.add(field(text, "body"));
                }
            }
            writer.join();
            assertThat(others).isEqualTo(expected);
            Message last = server.publish(A, "last");
            assertThat(field(client.text(), "id")).isEqualTo(last.id().toString());
            for (int i = 0; i < 600; i++) {
                assertThat(all.text()).startsWith("{\"type\":\"message\"");
            }
        }
    }

    /** The entry is in the store before its publisher knows the id. */
    @Test
    void anOwnMessageIsNotSentBeforeItsAckEither() {
        try (WsClient client = server.greeted("?room=a&echo=false")) {
            Gate committed = store.holdAfterCommit();
            client.send("{\"type\":\"send\",\"body\":\"own\",\"ref\":1}");
            committed.awaitEntered();
            committed.open();
            assertThat(client.text()).startsWith("{\"type\":\"ack\"");
            Message next = server.publish(A, "other");
            assertThat(field(client.text(), "id")).isEqualTo(next.id().toString());
        }
    }

    /** The close frame waits behind a publish. */
    @Test
    void aClientThatHasClosedBeforeTheOutcomeOfItsPublishIsNotReadFor() throws IOException {
        WebSocketConfig one = WebSocketConfig.defaults().withMaxInFlight(1);
        try (WsServer narrow = new WsServer(one, new ScriptedStore());
                WsClient client = narrow.greeted("?room=a&echo=false")) {
            narrow.await("a reader", () -> narrow.handler.readerStats().atEnd() == 1);
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            frames.write(WsClient.encode("{\"type\":\"send\",\"body\":\"own\"}"));
            frames.write(WsClient.encode(true, WsClient.CLOSE, new byte[] {0x03, (byte) 0xE8}));
            client.http().send(frames.toByteArray());
            assertThat(client.text()).startsWith("{\"type\":\"ack\"");
            assertThat(client.closeCode()).isEqualTo(1000);
            client.expectEnd();
            narrow.settle();
            ReaderStats stats = narrow.handler.readerStats();
            assertThat(stats.atEnd() + stats.catchingUp() + stats.blocked() + stats.loading())
                    .isZero();
        }
    }

    @Test
    void ownMessagesAreLeftOutOfARoomThatIsSubscribedLater() {
        server.publish(A, "before");
        try (WsClient client = server.greeted("?room=b&echo=false")) {
            client.send("{\"type\":\"send\",\"body\":\"own\",\"ref\":1}");
            client.send("{\"type\":\"subscribe\",\"room\":\"a\",\"after\":\"earliest\"}");
            List<String> types = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                types.add(field(client.text(), "type"));
            }
            assertThat(types).containsExactlyInAnyOrder("ack", "subscribed", "message");
            client.send("{\"type\":\"send\",\"room\":\"a\",\"body\":\"own\"}");
            assertThat(client.text()).startsWith("{\"type\":\"ack\"");
            Message next = server.publish(A, "other");
            assertThat(field(client.text(), "id")).isEqualTo(next.id().toString());
        }
    }

    @Test
    void anotherValueIsRefused() {
        try (WsClient client = server.connect()) {
            assertThat(client.request("?echo=no", WsClient.UPGRADE)).startsWith("HTTP/1.1 400");
        }
    }
}
