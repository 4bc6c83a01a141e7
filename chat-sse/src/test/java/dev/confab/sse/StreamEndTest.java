package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.EventClient;
import dev.confab.netty.SessionInfo;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests of the heartbeats that keep a stream alive, and of the events that end a stream. */
class StreamEndTest {
    private static final Duration TIME = Duration.ofSeconds(10);

    @Test
    void anIdleStreamGetsAComment() throws Exception {
        try (Server server = Server.start(SseConfig.defaults().withHeartbeat(Duration.ofMillis(50)));
                EventClient client = server.get("/events")) {
            client.start();
            assertThat(client.block()).isEqualTo(":");
            assertThat(client.block()).isEqualTo(":");
        }
    }

    @Test
    void anIdleStreamOverHttp10GetsAComment() throws Exception {
        try (Server server = Server.start(SseConfig.defaults().withHeartbeat(Duration.ofMillis(50)));
                EventClient client = server.send("GET /events HTTP/1.0\r\n\r\n")) {
            client.start();
            assertThat(client.block()).isEqualTo(":");
        }
    }

    @Test
    void aDrainEndsAStreamAfterItsLastMessage() throws Exception {
        try (Server server = Server.start();
                EventClient client = server.get("/events");
                EventClient old = server.send("GET /events HTTP/1.0\r\n\r\n")) {
            client.start();
            old.start();
            server.awaitStreams(2);
            server.publish("the last");
            var drained = server.handler().drain(TIME).toCompletableFuture();
            for (EventClient each : List.of(client, old)) {
                assertThat(each.bodies(1)).containsExactly("the last");
                assertThat(each.block()).isEqualTo("retry: 3000");
                each.awaitEnd();
            }
            drained.get(10, TimeUnit.SECONDS);
            assertThat(server.handler().openStreams()).isZero();
        }
    }

    @Test
    void aClientThatFindsTooManyParticipantsConnectsAgainLater() throws Exception {
        ChatConfig full = ChatConfig.defaults().withMaxParticipants(1);
        try (Server server = new Server(ScriptedStore.direct(), full, SseConfig.defaults());
                EventClient ann = server.get("/events?nick=ann")) {
            ann.start();
            try (EventClient bob = server.get("/events?nick=bob", "Connection: close")) {
                assertThat(bob.statusLine()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(bob.http().readToEnd()).isEqualTo("retry: 3000\n\n");
            }
        }
    }

    @Test
    void aDrainWithoutStreamsCompletesAtOnce() throws Exception {
        try (Server server = Server.start()) {
            assertThat(server.handler().drain(TIME)).isCompleted();
        }
    }

    @Test
    void aDrainEndsManyStreamsWithinItsTime() throws Exception {
        try (Server server = Server.start()) {
            List<EventClient> clients = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                EventClient client = server.get("/events");
                client.start();
                clients.add(client);
            }
            var drained = server.handler().drain(Duration.ofSeconds(1)).toCompletableFuture();
            for (EventClient client : clients) {
                // On a slow machine the first clients have received a heartbeat before.
                assertThat(client.field("retry")).isNotEmpty();
                client.awaitEnd();
                client.close();
            }
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    /** The response is never an error, because a browser does not reconnect after an error. */
    @Test
    void aRequestDuringADrainIsToldToReconnect() throws Exception {
        try (Server server = Server.start()) {
            server.handler().drain(TIME);
            try (EventClient client = server.get("/events?after=earliest", "Connection: close")) {
                assertThat(client.statusLine()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(client.header("content-type")).isEqualTo("text/event-stream");
                assertThat(client.header("cache-control")).isEqualTo("no-store");
                assertThat(client.header("content-length")).isEqualTo("13");
                assertThat(client.http().readToEnd()).isEqualTo("retry: 3000\n\n");
            }
        }
    }

    @Test
    void aRequestWhileTheStoreIsUnavailableIsToldToReconnect() throws Exception {
        ScriptedStore store = ScriptedStore.direct();
        try (Server server = new Server(store, SseConfig.defaults())) {
            store.failReads(1);
            try (EventClient client = server.get("/events?after=earliest", "Connection: close")) {
                assertThat(client.statusLine()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(client.http().readToEnd()).isEqualTo("retry: 3000\n\n");
            }
            try (EventClient client = server.get("/events?after=earliest")) {
                client.start();
            }
        }
    }

    @Test
    void retryTimesAreRandom() throws Exception {
        Set<Integer> times = new HashSet<>();
        try (Server server = Server.start()) {
            SseHandler random = new SseHandler(server.chat(), SseConfig.defaults());
            for (int i = 0; i < 100; i++) {
                times.add(random.retry());
            }
        }
        assertThat(times).hasSizeGreaterThan(50).allMatch(millis -> millis >= 2_000 && millis < 4_000);
    }

    @Test
    void aClientThatReadsNothingHoldsLittleMemoryAndIsClosed() throws Exception {
        SseConfig config =
                SseConfig.defaults().withHeartbeat(Duration.ofMillis(20)).withStuckAfter(Duration.ofMillis(500));
        try (Server server = Server.start(config);
                EventClient slow = server.getSlowly("/events");
                EventClient quick = server.get("/events")) {
            slow.start();
            server.publish("both");
            slow.bodies(1);
            Channel channel = server.channel();
            long most = 0;
            // A control character takes six bytes in JSON, so these entries have the maximum size.
            String large = "\u0001".repeat(10_000);
            for (int i = 0; i < 500 && channel.isActive(); i++) {
                server.publish(large);
                most = Math.max(most, held(channel));
            }
            Server.awaitClose(channel);
            assertThat(most).isBetween(1L, 128L << 10);
            assertThat(quick.start()).isNotEmpty();
        }
    }

    /** An application closes the session of a client that cannot be told about the end. */
    @Test
    void aClosedStreamWhoseClientReadsNothingIsClosed() throws Exception {
        try (Server server = Server.start(SseConfig.defaults().withStuckAfter(Duration.ofSeconds(1)));
                EventClient slow = server.getSlowly("/events")) {
            slow.start();
            Channel channel = server.channel();
            String large = "\u0001".repeat(10_000);
            while (channel.isWritable()) {
                server.publish(large);
            }
            for (SessionInfo info :
                    server.sessions().list(Room.LOBBY).toCompletableFuture().join()) {
                server.sessions()
                        .close(info.name(), 4000, "")
                        .toCompletableFuture()
                        .join();
            }
            Server.awaitClose(channel);
            assertThat(server.sessions().list(Room.LOBBY).toCompletableFuture().join())
                    .isEmpty();
            assertThat(server.handler().openStreams()).isZero();
        }
    }

    @Test
    void aClientThatReadsNothingOfABacklogHoldsLittleMemory() throws Exception {
        try (Server server = Server.start(SseConfig.defaults().withStuckAfter(Duration.ofMillis(500)))) {
            String body = "x".repeat(10_000);
            for (int i = 0; i < 1_500; i++) {
                server.publish(body);
            }
            try (EventClient slow = server.getSlowly("/events?after=earliest")) {
                slow.start();
                slow.bodies(1);
                Channel channel = server.channel();
                long most = 0;
                while (channel.isActive()) {
                    most = Math.max(most, held(channel));
                }
                Server.awaitClose(channel);
                assertThat(most).isBetween(1L, 128L << 10);
            }
        }
    }

    private static long held(Channel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> {
                    var pending = channel.unsafe().outboundBuffer();
                    return pending == null ? 0 : pending.totalPendingWriteBytes();
                })
                .get(10, TimeUnit.SECONDS);
    }
}
