package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Gate;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.ScriptedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The tests that every transport must pass. To test a transport of your own, extend this class and implement how the
 * transport is served and how a client reads from it.
 *
 * <pre>{@code
 * final class CarrierPigeonContractTest extends TransportContract {
 *     protected Endpoint endpoint(ChatService chat) {
 *         return new CarrierPigeonHandler(chat);
 *     }
 *
 *     protected TransportReader connect(int port, String query) {
 *         return new CarrierPigeonReader(port, query);
 *     }
 * }
 * }</pre>
 *
 * <p>Needs JUnit (junit-jupiter), AssertJ and the test jar of chat-core. The tests check that:
 *
 * <ul>
 *   <li>Order: all readers get all entries in the same order; a reader that comes later, and a reader that resumes after
 *       any id, gets all later entries; one cursor covers several rooms.
 *   <li>Gaps: trimmed messages, and a cursor of another log, are announced as a gap, and reading continues after it.
 *   <li>Views: with {@code ids=uuid}, no id has another form; with {@code types=message}, there are no joins and leaves,
 *       also across pages of the store that have nothing else.
 *   <li>Other readers: a slow reader gets everything, and neither a slow reader nor one that disconnects delays others;
 *       readers that start at the same cursor share one read of the store.
 *   <li>End: a server that closes ends its readers, and sends nothing more.
 * </ul>
 */
public abstract class TransportContract {
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");
    private static final int WRITERS = 4;

    /** Set by {@code -Dtest.jvm.args=-Dconfab.io=IO_URING}, for example, to run all tests on another I/O transport. */
    private static final IoTransport IO = IoTransport.valueOf(System.getProperty("confab.io", "AUTO"));

    private final List<TransportReader> readers = new ArrayList<>();
    private ChatService chat;
    private ChatServer server;

    /** Returns the endpoint that serves the transport. */
    protected abstract Endpoint endpoint(ChatService chat);

    /**
     * Connects, and returns once the server has determined the position at which the reader starts.
     *
     * @param query such as {@code room=a&room=b&after=01K…}; it always has an {@code after}
     */
    protected abstract TransportReader connect(int port, String query);

    /**
     * Returns the settings of the server under test.
     *
     * @param config the settings that the contract needs
     */
    protected ChatServerConfig configure(ChatServerConfig config) {
        return config;
    }

    /** Returns the port to which the clients connect. */
    protected int port(ChatServer running) {
        return running.port();
    }

    @AfterEach
    void stop() {
        readers.forEach(TransportReader::close);
        if (server != null) {
            server.close();
            chat.close();
        }
    }

    @Test
    void allReadersGetAllEntriesInTheSameOrder() throws Exception {
        start();
        MessageId start = publish(Room.LOBBY, "start");
        List<TransportReader> three = List.of(join(start), join(start), join(start));
        List<Thread> writers = write(100);
        List<String> first = take(three.get(0), WRITERS * 100);
        assertThat(take(three.get(1), WRITERS * 100)).isEqualTo(first);
        assertThat(take(three.get(2), WRITERS * 100)).isEqualTo(first);
        assertThat(first).isSorted().doesNotHaveDuplicates();
        join(writers);
    }

    @Test
    void aLateReaderMissesNothing() throws Exception {
        start();
        List<Thread> writers = write(200);
        List<String> late = take(read("after=earliest"), 100);
        TransportReader later = read("after=earliest");
        List<String> all = take(later, WRITERS * 200);
        assertThat(all.subList(0, 100)).isEqualTo(late);
        assertThat(all).isSorted().doesNotHaveDuplicates();
        join(writers);
        MessageId live = publish(Room.LOBBY, "live");
        assertThat(take(later, 1)).containsExactly(live.toString());
    }

    @Test
    void aReaderThatResumesAfterAnyIdGetsAllLaterEntries() {
        start();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(publish(Room.LOBBY, "m" + i).toString());
        }
        for (int i = 0; i < 20; i++) {
            try (TransportReader reader = connect(port(server), "after=" + all.get(i))) {
                assertThat(take(reader, all.size() - i - 1)).isEqualTo(all.subList(i + 1, all.size()));
                all.add(publish(Room.LOBBY, "live").toString());
                assertThat(take(reader, 1)).containsExactly(all.get(all.size() - 1));
            }
        }
    }

    @Test
    void trimmedMessagesAreAnnouncedAsAGapAndReadingContinuesAfterIt() {
        ScriptedStore store = ScriptedStore.direct();
        start(store, ChatConfig.defaults().withTailBytes(1));
        MessageId first = publish(Room.LOBBY, "one");
        publish(Room.LOBBY, "two");
        MessageId third = publish(Room.LOBBY, "three");
        MessageId fourth = publish(Room.LOBBY, "four");
        store.log().trim(Room.LOBBY, third);

        TransportReader reader = join(first);

        assertThat(reader.next()).isEqualTo("{\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\"" + third + "\"}");
        assertThat(take(reader, 1)).containsExactly(fourth.toString());
        assertThat(take(read("after=earliest"), 1)).containsExactly(fourth.toString());
    }

    @Test
    void aCursorOfAnotherLogIsAnnouncedAsAGap() {
        start();
        MessageId last = publish(Room.LOBBY, "one");
        TransportReader reader = join(last.next());
        assertThat(reader.next()).isEqualTo("{\"type\":\"gap\",\"reason\":\"replaced\",\"id\":\"" + last + "\"}");
        MessageId live = publish(Room.LOBBY, "live");
        assertThat(take(reader, 1)).containsExactly(live.toString());
    }

    @Test
    void aReaderThatAsksForUuidsGetsNoOtherFormOfAnId() {
        start();
        MessageId start = publish(Room.LOBBY, "start");
        TransportReader ulids = join(start);
        TransportReader uuids = read("ids=uuid&after=" + start);
        for (String body : List.of("one", "two")) {
            MessageId live = publish(Room.LOBBY, body);
            assertThat(ulids.next()).startsWith("{\"type\":\"message\",\"id\":\"" + live + "\",");
            assertThat(uuids.next()).startsWith("{\"type\":\"message\",\"id\":\"" + live.toUuid() + "\",");
        }
        MessageId last = publish(Room.LOBBY, "three");
        TransportReader late = read("ids=uuid&after=" + start.toUuid());
        for (String body : List.of("one", "two", "three")) {
            assertThat(late.next()).contains("\"body\":\"" + body + "\"");
        }
        TransportReader lost = read("ids=uuid&after=" + last.next().toUuid());
        assertThat(lost.next())
                .isEqualTo("{\"type\":\"gap\",\"reason\":\"replaced\",\"id\":\"" + last.toUuid() + "\"}");
        MessageId live = publish(Room.LOBBY, "live");
        assertThat(lost.next()).contains("\"id\":\"" + live.toUuid() + "\"");
    }

    @Test
    void aReaderThatAsksForMessagesGetsNoJoinsAndLeaves() {
        start();
        MessageId start = publish(Room.LOBBY, "start");
        TransportReader all = join(start);
        TransportReader messages = read("types=message&after=" + start);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            chat.presence().arrive(RoomSet.of(Room.LOBBY), new Nick("nick-" + i));
            assertThat(all.next()).startsWith("{\"type\":\"join\"");
            if (i % 3 == 0) {
                ids.add(publish(Room.LOBBY, "m" + i).toString());
                assertThat(all.next()).startsWith("{\"type\":\"message\"");
                assertThat(take(messages, 1)).isEqualTo(ids.subList(ids.size() - 1, ids.size()));
            }
        }
        assertThat(take(read("types=message&after=" + start), ids.size())).isEqualTo(ids);
        ids.add(publish(Room.LOBBY, "live").toString());
        assertThat(take(read("types=message&after=" + ids.get(2)), ids.size() - 3))
                .isEqualTo(ids.subList(3, ids.size()));
        assertThat(take(messages, 1)).isEqualTo(ids.subList(ids.size() - 1, ids.size()));
    }

    @Test
    void aReaderOfMessagesReadsOnThroughPagesOfJoinsInTheStore() {
        ScriptedStore store = ScriptedStore.direct();
        List<Draft> joins = IntStream.range(0, 2_500)
                .mapToObj(i -> Draft.join(Room.LOBBY, new Nick("nick-" + i)))
                .toList();
        store.log().append(List.of(Draft.of(Room.LOBBY, "first")));
        store.log().append(joins);
        String second = store.log().appendForeign(Room.LOBBY, "second").toString();
        store.log().append(joins);
        start(store, ChatConfig.defaults().withTailBytes(1));

        TransportReader reader = read("types=message&after=earliest");
        assertThat(reader.next()).contains("\"body\":\"first\"");
        assertThat(take(reader, 1)).containsExactly(second);
        TransportReader resumed = read("types=message&after=" + second);
        MessageId live = publish(Room.LOBBY, "live");
        assertThat(take(reader, 1)).containsExactly(live.toString());
        assertThat(take(resumed, 1)).containsExactly(live.toString());
    }

    @Test
    void aSlowReaderGetsEverythingAndDelaysNoOtherReader() {
        start(ScriptedStore.direct(), ChatConfig.defaults().withTailBytes(1 << 20));
        MessageId start = publish(Room.LOBBY, "start");
        TransportReader slow = join(start);
        TransportReader quick = join(start);
        List<String> all = new ArrayList<>();
        String large = "ü".repeat(5_000);
        for (int i = 0; i < 1_000; i++) {
            all.add(publish(Room.LOBBY, large).toString());
        }
        assertThat(take(quick, all.size())).isEqualTo(all);
        assertThat(take(slow, all.size())).isEqualTo(all);
    }

    @Test
    void oneCursorCoversSeveralRooms() {
        start();
        Room a = new Room("a");
        Room b = new Room("b");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(publish(i % 3 == 0 ? a : b, "m" + i).toString());
            publish(new Room("other"), "not this");
        }
        String half;
        try (TransportReader reader = read("room=a&room=b&after=earliest")) {
            List<String> read = take(reader, 10);
            assertThat(read).isEqualTo(all.subList(0, 10));
            half = read.get(9);
        }
        TransportReader reader = read("room=b&room=a&after=" + half);
        assertThat(take(reader, 10)).isEqualTo(all.subList(10, 20));
        publish(new Room("other"), "not this");
        MessageId live = publish(a, "live");
        assertThat(take(reader, 1)).containsExactly(live.toString());
    }

    @Test
    void readersThatStartAtTheSameCursorShareOneRead() {
        ScriptedStore store = new ScriptedStore();
        start(store, ChatConfig.defaults().withTailBytes(1));
        MessageId start = publish(Room.LOBBY, "start");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(publish(Room.LOBBY, "m" + i).toString());
        }
        Gate page = store.holdPages();
        List<TransportReader> crowd = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            crowd.add(join(start));
        }
        page.awaitEntered();
        page.open();
        crowd.forEach(reader -> assertThat(take(reader, all.size())).isEqualTo(all));
        assertThat(store.pages()).isEqualTo(1);
        MessageId live = publish(Room.LOBBY, "live");
        crowd.forEach(reader -> assertThat(take(reader, 1)).containsExactly(live.toString()));
    }

    @Test
    void aServerThatClosesEndsItsReadersAndSendsNothingMore() {
        start();
        MessageId start = publish(Room.LOBBY, "start");
        TransportReader reader = join(start);
        MessageId last = publish(Room.LOBBY, "the last");
        assertThat(take(reader, 1)).containsExactly(last.toString());

        server.close();
        MessageId missed = publish(Room.LOBBY, "missed");
        assertThat(reader.next()).isNull();
        assertThat(reader.next()).isNull();

        server = serve();
        assertThat(take(join(last), 1)).containsExactly(missed.toString());
    }

    @Test
    void aReaderThatDisconnectsCostsOtherReadersNothing() throws Exception {
        start();
        MessageId start = publish(Room.LOBBY, "start");
        TransportReader stays = join(start);
        List<Thread> writers = write(100);
        for (int i = 0; i < 10; i++) {
            try (TransportReader goes = connect(port(server), "after=" + start)) {
                take(goes, 1 + i);
            }
        }
        assertThat(take(stays, WRITERS * 100)).isSorted().doesNotHaveDuplicates();
        join(writers);
    }

    private void start() {
        start(new InMemoryMessageStore(), ChatConfig.defaults());
    }

    private void start(MessageStore store, ChatConfig config) {
        chat = new ChatService(store, config);
        server = serve();
    }

    private ChatServer serve() {
        ChatServerConfig config = ChatServerConfig.defaults()
                .withAddress("127.0.0.1", 0)
                .withEventLoops(2)
                .withIo(IO)
                .withDrain(Duration.ZERO, Duration.ofSeconds(2));
        return ChatServer.start(configure(config), Routes.of(endpoint(chat)));
    }

    private TransportReader join(MessageId after) {
        return read("after=" + after);
    }

    private TransportReader read(String query) {
        TransportReader reader = connect(port(server), query);
        readers.add(reader);
        return reader;
    }

    private MessageId publish(Room room, String body) {
        return chat.publish(Draft.of(room, body)).join().entry().id();
    }

    private List<Thread> write(int each) {
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            String name = "writer " + w + ": ";
            Thread writer = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    publish(Room.LOBBY, name + i);
                }
            });
            writer.start();
            writers.add(writer);
        }
        return writers;
    }

    private static void join(List<Thread> writers) throws InterruptedException {
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private static List<String> take(TransportReader reader, int count) {
        List<String> ids = new ArrayList<>();
        while (ids.size() < count) {
            String entry = reader.next();
            assertThat(entry).as("entry " + ids.size() + " of " + count).startsWith("{\"type\":\"message\"");
            Matcher id = ID.matcher(entry);
            assertThat(id.find()).isTrue();
            ids.add(id.group(1));
        }
        return ids;
    }
}
