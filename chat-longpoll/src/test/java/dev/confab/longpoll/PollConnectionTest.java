package dev.confab.longpoll;

import static dev.confab.longpoll.PollServer.bodies;
import static dev.confab.longpoll.PollServer.cursor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.netty.FanOutProbe;
import dev.confab.netty.RawHttp;
import io.netty.channel.Channel;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests of polls on connections that close, pipeline requests or vanish, and on a server that shuts down. */
final class PollConnectionTest {
    @Test
    void pollsThatWaitAtOneCursorShareOneEncodedBody() throws Exception {
        try (PollServer server = new PollServer(new InMemoryMessageStore(), ChatConfig.defaults(), 1)) {
            MessageId start = server.publish("start");
            List<RawHttp> clients = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                clients.add(server.park("wait=60&after=" + (i % 2 == 0 ? "latest" : start)));
            }
            long before = FanOutProbe.encodes(server.handler.fanOut());
            long begin = System.nanoTime();
            MessageId id = server.publish("for all");
            Set<String> answers = new HashSet<>();
            for (RawHttp client : clients) {
                RawHttp.Response response = client.read();
                assertThat(cursor(response)).isEqualTo(id.toString());
                answers.add(response.body());
                client.close();
            }
            assertThat(answers).hasSize(1);
            // The response contains a date, so on a slow machine it may be encoded again for each second that passes.
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
            assertThat(FanOutProbe.encodes(server.handler.fanOut()) - before).isBetween(1L, 1 + seconds);
        }
    }

    /**
     * A leaked reference to a reader, its group, its deadline or its exchange would also keep its channel reachable.
     */
    @Test
    void aThousandClientsThatVanishLeaveNothingBehind() throws Exception {
        try (PollServer server = new PollServer()) {
            ReferenceQueue<Channel> collected = new ReferenceQueue<>();
            List<WeakReference<Channel>> channels = new ArrayList<>();
            vanish(server, 1_000, channels, collected);

            System.gc();
            for (int i = 0; i < channels.size(); i++) {
                Reference<? extends Channel> next = collected.remove(100);
                for (int again = 0; next == null && again < 100; again++) {
                    System.gc();
                    next = collected.remove(100);
                }
                assertThat(next).as("channel " + i + " of " + channels.size()).isNotNull();
            }
            server.publish("nobody is there");
            assertThat(FanOutProbe.encodes(server.handler.fanOut())).isZero();
            assertThat(bodies(server.poll("wait=0"))).containsExactly("nobody is there");
        }
    }

    @Test
    void requestsBehindAWaitingPollGetResponsesAfterIt() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.connect()) {
            client.get("/messages?after=latest&wait=60").get("/health").get("/messages?wait=0");
            server.nextTaken();
            server.publish("now");
            assertThat(bodies(client.read())).containsExactly("now");
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(bodies(client.read())).containsExactly("now");
        }
    }

    @Test
    void successivePollsGetEverythingOnce() throws Exception {
        try (PollServer server = new PollServer();
                RawHttp client = server.connect()) {
            String after = server.publish("start").toString();
            for (int i = 0; i < 200; i++) {
                client.get("/messages?wait=60&after=" + after);
                server.publish("m" + i);
                RawHttp.Response response = client.read();
                assertThat(bodies(response)).containsExactly("m" + i);
                after = cursor(response);
            }
        }
    }

    @Test
    void aPollThatRequestsAClosedConnectionGetsAResponseAndIsClosed() throws Exception {
        try (PollServer server = new PollServer()) {
            for (String request : List.of(
                    "GET /messages?after=latest&wait=60 HTTP/1.0\r\n\r\n",
                    "GET /messages?after=latest&wait=60 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")) {
                try (RawHttp client = server.connect().send(request)) {
                    server.nextTaken();
                    MessageId id = server.publish("now");
                    RawHttp.Response response = client.read();
                    assertThat(bodies(response)).containsExactly("now");
                    assertThat(response.header("connection")).isEqualTo("close");
                    assertThat(response.header("chat-cursor")).isEqualTo(id.toString());
                    assertThat(response.header("cache-control")).isEqualTo("no-store");
                    assertThat(client.isClosedByServer()).isTrue();
                }
            }
        }
    }

    @Test
    void aDrainCompletesWaitingPollsAndClosesTheirConnections() throws Exception {
        PollServer server = new PollServer();
        MessageId id = server.publish("start");
        List<RawHttp> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(server.park("wait=60&after=latest&room=lobby&room=r" + i % 3));
        }
        server.close();
        for (RawHttp client : clients) {
            RawHttp.Response response = client.read();
            assertThat(response.body()).isEqualTo("[]");
            assertThat(cursor(response)).isEqualTo(id.toString());
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(client.isClosedByServer()).isTrue();
            client.close();
        }
    }

    @Test
    void aPollDuringADrainDoesNotWait() throws Exception {
        try (PollServer server = new PollServer()) {
            MessageId id = server.publish("start");
            server.handler.drain(Duration.ofSeconds(10)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(bodies(server.poll("wait=60"))).containsExactly("start");
            RawHttp.Response empty = server.poll("wait=60&after=" + id);
            assertThat(empty.body()).isEqualTo("[]");
            assertThat(cursor(empty)).isEqualTo(id.toString());
        }
    }

    /** A separate method, so that no local variable keeps a channel reachable. */
    private static void vanish(
            PollServer server, int count, List<WeakReference<Channel>> channels, ReferenceQueue<Channel> queue)
            throws Exception {
        List<RawHttp> clients = new ArrayList<>();
        List<Channel> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(server.connect().get("/messages?after=latest&wait=60&room=" + new Room("r" + i % 50)));
            open.add(server.nextTaken().channel());
        }
        clients.forEach(RawHttp::hangUp);
        for (Channel channel : open) {
            assertThat(channel.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
            channels.add(new WeakReference<>(channel, queue));
        }
    }
}
