package dev.confab.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gate;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.ScriptedStore;
import dev.confab.core.Start;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.IoTransport;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.WsClient;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each fault moves the meters that docs/metrics.md names for it, and no other meter of a failure. */
@Timeout(60)
final class FailureMetersTest {
    private static final ChatConfig CONFIG = ChatConfig.defaults();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Readings readings = new Readings(registry);
    private final ChatMetrics metrics = new ChatMetrics(registry);
    private final ServerMetrics serverMetrics = new ServerMetrics(registry);

    /** With epoll, entries go straight to the socket. With NIO, they go through the pipeline. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "NIO"})
    void noFailureMeterMovesWhileAllIsWell(IoTransport io) {
        try (MessageStore store = new InMemoryMessageStore();
                ChatService chat = chat(store, CONFIG);
                ChatServer server = server(chat, serverConfig().withIo(io), Duration.ofMinutes(1));
                RawHttp http = new RawHttp(server.port())) {
            try (WsClient reader = new WsClient(new RawHttp(server.port())).greet("")) {
                assertThat(http.get("/messages?wait=0").read().status()).isEqualTo(200);
                publish(chat, "hello");
                assertThat(reader.text()).contains("hello");
                // The event loop counts the entry, its size and the reader's state one after the other.
                Readings.await(
                        "a reader at the end after a delivery",
                        () -> readings.value("confab.deliveries", "transport", "websocket") == 1
                                && readings.value("confab.deliveries.size", "transport", "websocket") > 100
                                && readings.value("confab.readers", "transport", "websocket", "state", "at_end") == 1);
                assertThat(readings.failures()).isEmpty();
                assertThat(readings.value("confab.publish", "outcome", "stored"))
                        .isEqualTo(1);
                assertThat(readings.value("confab.commit.batch")).isEqualTo(1);
                assertThat(readings.value("confab.connections")).isEqualTo(2);
                assertThat(readings.value("confab.connections.opened")).isEqualTo(2);
                reader.bye(1000);
            }
            Readings.await("the end", () -> readings.value("confab.connections.closed", "reason", "normal") == 1);
            assertThat(readings.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket, /ws", "sse, /events"})
    void aReaderThatStallsIsBlockedAndThenClosedAsSlow(String transport, String path) {
        try (MessageStore store = new InMemoryMessageStore();
                ChatService chat = chat(store, CONFIG);
                ChatServer server = server(chat, serverConfig(), Duration.ofSeconds(5));
                RawHttp reader = RawHttp.slow(server.port(), RawHttp.PATIENCE)) {
            String upgrade = transport.equals("websocket") ? WsClient.UPGRADE : "";
            reader.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\n")
                    .readHead();
            Readings.await(
                    "a reader at the end",
                    () -> readings.value("confab.readers", "transport", transport, "state", "at_end") == 1);
            assertThat(readings.failures()).isEmpty();
            String body = "x".repeat(9_000);
            // Until the socket is full, the kernel takes a few more bytes now and then, and the reader goes on.
            Set<String> blocked = Set.of("confab.readers{state=blocked,transport=" + transport + "}");
            Readings.await("a full socket", () -> {
                publish(chat, body);
                return readings.failures().equals(blocked);
            });
            Readings.await("the end", () -> readings.value("confab.connections") == 0);
            // A reader leaves its group a moment after its connection has left the list.
            Readings.await(
                    "its cause alone",
                    () -> readings.failures().equals(Set.of("confab.connections.closed{reason=slow}")));
        }
    }

    @Test
    void aDatabaseThatStandsStillFillsTheQueueAndLeavesTheOutcomeUnknown() {
        ScriptedStore store = new ScriptedStore();
        Gate gate = store.holdAppends();
        ChatConfig config = CONFIG.withTimeouts(Duration.ofSeconds(4), Duration.ofSeconds(5));
        try (ChatService chat = chat(store, config)) {
            var publish = chat.publish(Draft.of(Room.LOBBY, "hello"));
            gate.awaitEntered();
            var next = chat.publish(Draft.of(Room.LOBBY, "next"));
            assertThat(readings.failures()).containsExactly("confab.queue{}");
            assertThat(publish).failsWithin(RawHttp.PATIENCE);
            assertThat(next).failsWithin(RawHttp.PATIENCE);
            assertThat(readings.failures())
                    .containsExactlyInAnyOrder(
                            "confab.publish{outcome=outcome_unknown}", "confab.publish{outcome=unavailable}");
            assertThat(readings.value("confab.commit")).isZero();
            gate.open();
        }
    }

    @Test
    void aTrimmedCursorIsAGap() {
        ScriptedStore store = new ScriptedStore();
        MessageId first = store.log().appendForeign(Room.LOBBY, "one");
        MessageId second = store.log().appendForeign(Room.LOBBY, "two");
        store.log().trim(Room.LOBBY, second);
        try (ChatService chat = chat(store, CONFIG)) {
            chat.locate(RoomSet.of(Room.LOBBY), Start.after(first)).join();
            Readings.await("the gap", () -> !readings.failures().isEmpty());
            assertThat(readings.failures()).containsExactly("confab.gaps{reason=trimmed}");
        }
    }

    @Test
    void aFullQueueIsALimitAndAnOverload() {
        ScriptedStore store = new ScriptedStore();
        Gate gate = store.holdAppends();
        try (ChatService chat = chat(store, CONFIG.withMaxQueued(1, 1 << 20))) {
            var first = chat.publish(Draft.of(Room.LOBBY, "first"));
            gate.awaitEntered();
            assertThat(chat.publish(Draft.of(Room.LOBBY, "one too many"))).isCompletedExceptionally();
            assertThat(readings.failures())
                    .containsExactly(
                            "confab.limits{limit=queue}", "confab.publish{outcome=overloaded}", "confab.queue{}");
            gate.open();
            first.join();
            assertThat(readings.value("confab.queue")).isZero();
        }
    }

    @Test
    void anOutboxThatIsStuckHasRowsThatGrowOld() {
        StuckOutbox outbox = new StuckOutbox();
        try (ChatService chat = chat(outbox.store(), CONFIG)) {
            Readings.await("the rows", () -> readings.value("confab.outbox") == 3);
            double age = readings.value("confab.outbox.age");
            Readings.await("older rows", () -> readings.value("confab.outbox.age") > age);
            assertThat(readings.failures()).containsExactly("confab.outbox.age{}", "confab.outbox{}");
            publish(chat, "not from the outbox");
            outbox.free();
            Readings.await("an empty outbox", () -> readings.value("confab.outbox") == 0);
            assertThat(readings.failures()).isEmpty();
        }
    }

    @Test
    void aRefusedConnectionIsALimit() {
        try (MessageStore store = new InMemoryMessageStore();
                ChatService chat = chat(store, CONFIG);
                ChatServer server = server(chat, serverConfig().withMaxConnections(1), Duration.ofMinutes(1));
                WsClient reader = new WsClient(new RawHttp(server.port())).greet("");
                RawHttp refused = new RawHttp(server.port())) {
            assertThat(refused.readByteOrEnd()).isEqualTo(-1);
            assertThat(readings.failures()).containsExactly("confab.limits{limit=connections}");
            assertThat(reader.http()).isNotNull();
        }
    }

    private ChatService chat(MessageStore store, ChatConfig config) {
        ChatService chat = new ChatService(store, config.withListener(metrics));
        metrics.bindTo(chat);
        return chat;
    }

    private ChatServer server(ChatService chat, ChatServerConfig config, Duration stuckAfter) {
        Routes routes = Routes.of(
                new LongPollHandler(chat, LongPollConfig.defaults()),
                new SseHandler(chat, SseConfig.defaults().withStuckAfter(stuckAfter)),
                new WebSocketHandler(chat, WebSocketConfig.defaults().withStuckAfter(stuckAfter)));
        serverMetrics.bindTo(routes);
        ChatServer server = ChatServer.start(config, routes);
        serverMetrics.bindTo(server);
        return server;
    }

    private ChatServerConfig serverConfig() {
        return ChatServerConfig.defaults()
                .withAddress("127.0.0.1", 0)
                .withEventLoops(1)
                .withListener(serverMetrics);
    }

    private static void publish(ChatService chat, String body) {
        chat.publish(Draft.of(Room.LOBBY, body)).join();
    }
}
