package dev.confab.longpoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.ChatConfig;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.ScriptedStore;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOutProbe;
import dev.confab.netty.RawHttp;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of pages that are larger than one write. */
final class PagedAnswerTest {
    private static final int ENTRIES = 150;
    private static final int PAGE = 1 << 20;
    private static final long BOUND = 128 << 10;

    /** The body of most messages. The others are one byte long, so that pieces end in many different places. */
    private static final String LARGE = "ü".repeat(5_000);

    private final ScriptedStore store = ScriptedStore.direct();
    private final List<MessageId> ids = new ArrayList<>();

    /** The page comes from memory, from the store, or as history. It is read three times on one connection. */
    @ParameterizedTest
    @ValueSource(strings = {"memory", "store", "history"})
    void aClientThatStopsReadingCostsLittleAndLaterGetsTheWholePage(String from) throws Exception {
        try (PollServer server = start(from.equals("store") ? 1 : 64 << 20);
                RawHttp slow = connect(server)) {
            MessageId start = fill(server);
            long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            String query = from.equals("history") ? "before=latest" : "nick=ann&after=" + start;
            Channel channel = shrink(server, slow);
            slow.get("/messages?" + query);
            slow.get("/messages?" + query);
            slow.get("/messages?" + query);
            server.nextTaken();

            awaitUnwritable(channel);
            assertThat(held(channel)).isLessThan(BOUND);
            assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before)
                    .isLessThan(BOUND);

            List<String> bodies =
                    List.of(slow.read().body(), slow.read().body(), slow.read().body());
            assertThat(bodies.get(0).getBytes(StandardCharsets.UTF_8)).hasSizeBetween(PAGE - 11_000, PAGE + ENTRIES);
            assertThat(bodies).containsOnly(bodies.get(0));
            assertWhole(bodies.get(0), from.equals("history"));
        }
    }

    @Test
    void responsesWithTheSamePageShareItsParts() throws Exception {
        try (PollServer server = start(64 << 20);
                RawHttp slow = connect(server);
                RawHttp quick = server.connect()) {
            MessageId start = fill(server);
            Channel channel = shrink(server, slow);
            slow.get("/messages?after=" + start);
            server.nextTaken();
            awaitUnwritable(channel);
            long begun = FanOutProbe.encodes(server.handler.parts());
            String body = quick.get("/messages?after=" + start).read().body();
            long all = FanOutProbe.encodes(server.handler.parts());
            assertThat(slow.read().body()).isEqualTo(body);
            assertThat(FanOutProbe.encodes(server.handler.parts())).isEqualTo(all);
            assertThat(begun).isBetween(1L, 8L);
            assertThat(all).as("parts of a page of 1 MiB").isBetween(16L, 20L);
        }
    }

    @Test
    void aLargePageFromTheStoreIsReadOnceForAllClients() throws Exception {
        try (PollServer server = start(1);
                RawHttp first = server.connect();
                RawHttp second = server.connect()) {
            MessageId start = fill(server);
            String body = first.get("/messages?after=" + start).read().body();
            int once = store.pages();
            assertThat(second.get("/messages?after=" + start).read().body()).isEqualTo(body);
            assertThat(store.pages()).isEqualTo(once);
        }
    }

    @Test
    void theNextPageBeginsWhereALargePageEnded() throws Exception {
        try (PollServer server = start(64 << 20);
                RawHttp client = server.connect()) {
            MessageId start = fill(server);
            List<String> read = new ArrayList<>();
            String after = start.toString();
            while (read.size() < ENTRIES) {
                RawHttp.Response page =
                        client.get("/messages?wait=0&after=" + after).read();
                read.addAll(PollServer.ids(page));
                after = PollServer.cursor(page);
            }
            assertThat(read).isEqualTo(ids.stream().map(MessageId::toString).toList());
        }
    }

    @Test
    void anHttp10ClientGetsALargePage() throws Exception {
        try (PollServer server = start(64 << 20);
                RawHttp client = server.connect()) {
            MessageId start = fill(server);
            client.send("GET /messages?after=" + start + " HTTP/1.0\r\n\r\n");
            RawHttp.Response page = client.read();
            assertThat(page.header("connection")).isEqualTo("close");
            assertWhole(page.body(), false);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    /** The announced length can no longer be reached, and a client would take a shorter body for the whole page. */
    @Test
    void aTrimOfMessagesThatAreBeingSentAbortsTheResponse() throws Exception {
        try (PollServer server = start(1);
                RawHttp slow = connect(server)) {
            MessageId start = fill(server);
            Channel channel = shrink(server, slow);
            slow.get("/messages?after=" + start);
            server.nextTaken();
            awaitUnwritable(channel);
            store.log().trim(Room.LOBBY, ids.get(ENTRIES - 1));
            assertThatThrownBy(slow::read)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(EOFException.class);
        }
    }

    @Test
    void aClientThatDisconnectsMidwayLeavesNothingBehind() throws Exception {
        try (PollServer server = start(64 << 20)) {
            MessageId start = fill(server);
            long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            RawHttp slow = connect(server);
            Channel channel = shrink(server, slow);
            slow.get("/messages?after=" + start);
            server.nextTaken();
            awaitUnwritable(channel);
            slow.close();
            assertThat(channel.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
            awaitPinned(channel, before);
            server.publish("the others go on");
        }
    }

    private PollServer start(int tailBytes) {
        return new PollServer(store, ChatConfig.defaults().withTailBytes(tailBytes), 1);
    }

    private MessageId fill(PollServer server) {
        MessageId start = server.publish("before all");
        for (int i = 0; i < ENTRIES; i++) {
            ids.add(server.publish(i % 10 == 9 ? "x" : LARGE));
        }
        return start;
    }

    private void assertWhole(String body, boolean isNewest) {
        assertThat(body).startsWith("[{").endsWith("}]").doesNotContain("}{", ",,", "[,");
        List<String> read = PollServer.ids(new RawHttp.Response(200, "", List.of(), body));
        int first = isNewest ? ENTRIES - read.size() : 0;
        assertThat(read)
                .isEqualTo(ids.subList(first, first + read.size()).stream()
                        .map(MessageId::toString)
                        .toList());
    }

    /** Connects with a small receive buffer, so that only the server's buffers matter. */
    private static RawHttp connect(PollServer server) {
        return RawHttp.slow(server.server.port(), RawHttp.PATIENCE);
    }

    /** Makes the send buffer of the server small, by a first poll, and returns the channel of the server. */
    private static Channel shrink(PollServer server, RawHttp client) throws Exception {
        client.get("/messages?after=latest&wait=0");
        Exchange exchange = server.nextTaken();
        exchange.channel().config().setOption(ChannelOption.SO_SNDBUF, 4_096);
        assertThat(client.read().body()).isEqualTo("[]");
        return exchange.channel();
    }

    /**
     * Waits until the channel is not writable. The kernel takes an unknown number of bytes first. Each check runs one
     * turn of the event loop.
     */
    private static void awaitUnwritable(Channel channel) throws Exception {
        long deadline = System.nanoTime() + RawHttp.PATIENCE.toNanos();
        while (channel.isWritable()) {
            assertThat(held(channel)).isLessThan(BOUND);
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        }
    }

    /**
     * Waits until no more than this number of bytes is in use. The handlers of a closed channel release their buffers
     * in later turns of the event loop. Each check runs one turn.
     */
    private static void awaitPinned(Channel channel, long bytes) throws Exception {
        long deadline = System.nanoTime() + RawHttp.PATIENCE.toNanos();
        while (PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() > bytes) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            channel.eventLoop().submit(() -> {}).sync();
        }
    }

    private static long held(Channel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> {
                    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
                    return pending == null ? 0 : pending.totalPendingWriteBytes();
                })
                .get(10, TimeUnit.SECONDS);
    }
}
