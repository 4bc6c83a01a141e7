package dev.confab.websocket;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.ScriptedLog;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.FanOutProbe;
import dev.confab.netty.WsClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadingTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");

    @Test
    void aConnectionStartsAtTheEndAndGetsNewMessages() {
        try (WsServer server = new WsServer();
                WsClient client = server.open("")) {
            Message before = server.publish(Room.LOBBY, "while it connects");
            String hello = client.text();
            Message after = server.publish(Room.LOBBY, "after");
            String first = client.text();
            if (field(first, "id").equals(before.id().toString())) {
                first = client.text();
            }
            assertThat(field(first, "id")).isEqualTo(after.id().toString());
            assertThat(field(hello, "cursor")).isLessThan(field(first, "id"));
        }
    }

    @Test
    void lateJoinerMissesNothing() {
        try (WsServer server = new WsServer()) {
            List<String> published = publish(server, 2_000);
            try (WsClient client = server.greeted("?after=earliest")) {
                published.addAll(publish(server, 50));
                assertThat(ids(client, 2_050)).isEqualTo(published);
            }
        }
    }

    @Test
    void aConnectionResumesAfterAnyId() {
        try (WsServer server = new WsServer()) {
            List<String> published = publish(server, 40);
            for (int i = 0; i < published.size(); i += 7) {
                String cursor = published.get(i);
                String asUuid = MessageId.parse(cursor).toUuid().toString();
                for (String after : List.of(cursor, asUuid)) {
                    try (WsClient client = server.open("?after=" + after)) {
                        assertThat(field(client.text(), "cursor")).isEqualTo(cursor);
                        assertThat(ids(client, published.size() - i - 1))
                                .isEqualTo(published.subList(i + 1, published.size()));
                    }
                }
            }
        }
    }

    @Test
    void lastStartsTheGivenNumberOfMessagesBeforeTheEnd() {
        try (WsServer server = new WsServer()) {
            List<String> published = publish(server, 10);
            try (WsClient client = server.greeted("?last=3")) {
                assertThat(ids(client, 3)).isEqualTo(published.subList(7, 10));
            }
        }
    }

    @Test
    void theCursorOfHelloResumesAtTheSameStart() {
        try (WsServer server = new WsServer()) {
            List<String> published = publish(server, 10);
            String cursor;
            try (WsClient client = server.open("?last=4")) {
                cursor = field(client.text(), "cursor");
            }
            try (WsClient again = server.greeted("?after=" + cursor)) {
                assertThat(ids(again, 4)).isEqualTo(published.subList(6, 10));
            }
        }
    }

    @Test
    void severalRoomsAreDeliveredInLogOrder() {
        try (WsServer server = new WsServer();
                WsClient client = server.greeted("?room=b&room=a&after=earliest")) {
            List<String> published = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Message message = server.publish(i % 3 == 0 ? A : i % 3 == 1 ? B : Room.LOBBY, "m" + i);
                if (!message.room().equals(Room.LOBBY)) {
                    published.add(message.id().toString());
                }
            }
            assertThat(ids(client, 200)).isEqualTo(published);
        }
    }

    @Test
    void aGapIsAnnouncedDirectlyAfterHello() {
        ScriptedLog log = new ScriptedLog();
        MessageId first = log.appendForeign(Room.LOBBY, "1");
        MessageId second = log.appendForeign(Room.LOBBY, "2");
        MessageId third = log.appendForeign(Room.LOBBY, "3");
        log.trim(Room.LOBBY, second);
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), ScriptedStore.on(log));
                WsClient client = server.open("?after=" + first)) {
            assertThat(field(client.text(), "cursor")).isEqualTo(second.toString());
            assertThat(client.text()).isEqualTo("{\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\"" + second + "\"}");
            assertThat(field(client.text(), "id")).isEqualTo(third.toString());
        }
    }

    @Test
    void aCursorOfAnotherLogIsAnnouncedAsAGap() {
        ScriptedLog log = new ScriptedLog();
        MessageId first = log.appendForeign(Room.LOBBY, "1");
        MessageId foreign = first.next();
        MessageId second = log.appendForeign(Room.LOBBY, "2");
        try (WsServer server = new WsServer(WebSocketConfig.defaults(), ScriptedStore.on(log));
                WsClient client = server.open("?after=" + foreign)) {
            client.text();
            assertThat(client.text()).startsWith("{\"type\":\"gap\",\"reason\":\"replaced\"");
            assertThat(field(client.text(), "id")).isIn(first.toString(), second.toString());
        }
    }

    @Test
    void manyReadersShareOneEncoding() {
        try (WsServer server = new WsServer()) {
            List<WsClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(server.greeted(""));
            }
            // A loop sends the greeting before the client joins the fan-out.
            server.await(
                    "all clients have joined",
                    () -> server.handler.readerStats().atEnd() == clients.size());
            for (int i = 0; i < 10; i++) {
                String id = server.publish(Room.LOBBY, "m" + i).id().toString();
                clients.forEach(client -> assertThat(field(client.text(), "id")).isEqualTo(id));
            }
            // Each of the two event loops encodes each of the ten messages at most once.
            assertThat(FanOutProbe.encodes(server.handler.fanOut())).isLessThanOrEqualTo(20);
            clients.forEach(WsClient::close);
        }
    }

    @Test
    void theJdksClientReadsAndPublishes() throws Exception {
        try (WsServer server = new WsServer()) {
            LinkedBlockingQueue<String> texts = new LinkedBlockingQueue<>();
            CountDownLatch closed = new CountDownLatch(1);
            WebSocket client = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .subprotocols("confab.v1")
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + server.port() + "/ws?nick=ann"), new WebSocket.Listener() {
                                private final StringBuilder text = new StringBuilder();

                                @Override
                                public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                                    text.append(data);
                                    if (last) {
                                        texts.add(text.toString());
                                        text.setLength(0);
                                    }
                                    socket.request(1);
                                    return CompletableFuture.completedStage(null);
                                }

                                @Override
                                public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                                    closed.countDown();
                                    return CompletableFuture.completedStage(null);
                                }
                            })
                    .get(10, TimeUnit.SECONDS);
            assertThat(client.getSubprotocol()).isEqualTo("confab.v1");
            assertThat(texts.poll(10, TimeUnit.SECONDS)).startsWith("{\"type\":\"hello\"");
            client.sendText("{\"type\":\"send\",\"body\":", false).get(10, TimeUnit.SECONDS);
            client.sendText("\"grüß Gott\",\"ref\":1}", true).get(10, TimeUnit.SECONDS);
            List<String> two = List.of(texts.poll(10, TimeUnit.SECONDS), texts.poll(10, TimeUnit.SECONDS));
            assertThat(two).anyMatch(t -> t.contains("\"type\":\"ack\"") && t.endsWith("\"ref\":1}"));
            assertThat(two).anyMatch(t -> t.contains("\"nick\":\"ann\",\"body\":\"grüß Gott\""));
            client.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            server.await("the connection is gone", () -> server.handler.connections() == 0);
        }
    }

    private static List<String> publish(WsServer server, int count) {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(server.chat
                    .publish(Draft.of(Room.LOBBY, "m" + i))
                    .thenApply(p -> p.entry().id().toString()));
        }
        return new ArrayList<>(answers.stream().map(CompletableFuture::join).toList());
    }

    private static List<String> ids(WsClient client, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(field(client.text(), "id"));
        }
        return ids;
    }
}
