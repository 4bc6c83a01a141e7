package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The session that sent a message is known on its node, no matter how the entry reaches the reader. */
@Timeout(30)
class SendersTest {
    private static final Room A = new Room("a");
    private static final RoomSet ROOMS = RoomSet.of(A);

    private final ScriptedLog log = new ScriptedLog();
    private final ScriptedStore store = ScriptedStore.on(log);
    private final ChatService node = new ChatService(store, ChatConfig.defaults());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        node.close();
        loop.shutdown();
    }

    @Test
    void anEntryHasTheSessionThatSentIt() {
        SubscriberRecorder reader = reader(node, Start.LATEST);
        node.publish(Draft.of(A, "1"), "s1").join();
        node.publish(Draft.of(A, "2")).join();
        assertThat(senders(reader, 2)).containsExactly("s1", null);
    }

    @Test
    void anotherNodeDoesNotKnowTheSession() {
        try (ChatService other = new ChatService(ScriptedStore.on(log), ChatConfig.defaults())) {
            SubscriberRecorder reader = reader(other, Start.LATEST);
            node.publish(Draft.of(A, "1"), "s1").join();
            assertThat(senders(reader, 1)).containsExactly((String) null);
        }
    }

    @Test
    void theSessionIsKnownWhenForeignMessagesPrecedeTheMessage() {
        SubscriberRecorder reader = reader(node, Start.LATEST);
        Gate held = store.holdAppends();
        CompletableFuture<Published> own = node.publish(Draft.of(A, "own"), "s1");
        held.awaitEntered();
        log.appendForeign(A, "theirs");
        held.open();
        own.join();
        assertThat(senders(reader, 2)).containsExactly(null, "s1");
    }

    /** The message is in the store, and a foreign message makes the node read the store, before the append returns. */
    @Test
    void theSessionIsKnownWhenTheNodeReadsTheStoreMeanwhile() {
        MessageId start = node.head();
        SubscriberRecorder reader = reader(node, Start.LATEST);
        Gate committed = store.holdAfterCommit();
        CompletableFuture<Published> own = node.publish(Draft.of(A, "own"), "s1");
        committed.awaitEntered();
        log.appendForeign(A, "theirs");
        while (node.head().equals(start) && !isReadBlocked()) {
            Thread.onSpinWait();
        }
        committed.open();
        own.join();
        assertThat(senders(reader, 2)).containsExactly("s1", null);
    }

    @Test
    void theSessionIsKnownInEntriesThatOnlyTheStoreHas() {
        try (ChatService small =
                new ChatService(new ScriptedStore(), ChatConfig.defaults().withTailBytes(1_000))) {
            for (int i = 0; i < 20; i++) {
                small.publish(Draft.of(A, "own"), "s" + i).join();
            }
            SubscriberRecorder reader = reader(small, Start.EARLIEST);
            assertThat(senders(reader, 20))
                    .isEqualTo(LongStream.range(0, 20).mapToObj(i -> "s" + i).toList());
        }
    }

    /** The sender does not know the id of its message, and so has to get the message. */
    @Test
    void anEntryWhoseOutcomeIsUnknownToItsSenderHasNoSender() {
        ChatConfig impatient = ChatConfig.defaults().withTimeouts(Duration.ofMillis(100), Duration.ofSeconds(10));
        ScriptedStore slow = new ScriptedStore();
        try (ChatService late = new ChatService(slow, impatient)) {
            SubscriberRecorder reader = reader(late, Start.LATEST);
            Gate committed = slow.holdAfterCommit();
            CompletableFuture<Published> own = late.publish(Draft.of(A, "own"), "s1");
            assertThat(own.handle((published, failure) ->
                                    ChatException.of(failure).reason())
                            .orTimeout(10, TimeUnit.SECONDS)
                            .join())
                    .isEqualTo(Reason.OUTCOME_UNKNOWN);
            committed.open();
            assertThat(senders(reader, 1)).containsExactly((String) null);
        }
    }

    @Test
    void aReaderThatResumesDoesNotWaitForAnAppendWithASender() {
        try (ChatService small = new ChatService(store, ChatConfig.defaults().withTailBytes(1_000))) {
            MessageId cursor =
                    small.publish(Draft.of(A, "first")).join().entry().id();
            for (int i = 0; i < 20; i++) {
                small.publish(Draft.of(A, "next")).join();
            }
            Gate held = store.holdAppends();
            CompletableFuture<Published> own = small.publish(Draft.of(A, "own"), "s1");
            held.awaitEntered();
            SubscriberRecorder reader = reader(small, Start.after(cursor));
            assertThat(reader.awaitBodies(20)).containsOnly("next");
            held.open();
            own.join();
        }
    }

    @Test
    void theOldestSessionsAreForgotten() {
        Senders senders = new Senders();
        for (int i = 0; i <= Senders.MAX; i++) {
            senders.add(new MessageId(i, 0), "s");
        }
        List<Message> messages = LongStream.of(0, 1, Senders.MAX)
                .mapToObj(i -> Message.of(new MessageId(i, 0), Draft.of(A, "x")))
                .toList();
        assertThat(senders.entries(messages)).extracting(Entry::sender).containsExactly(null, "s", "s");
    }

    /** Returns whether a thread that reads the store waits for a lock. */
    private static boolean isReadBlocked() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread ->
                        thread.getName().startsWith("confab-read-") && thread.getState() == Thread.State.BLOCKED);
    }

    private SubscriberRecorder reader(ChatService service, Start start) {
        SubscriberRecorder reader = new SubscriberRecorder();
        service.subscribe(ROOMS, start, loop, reader)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return reader;
    }

    private static List<@Nullable String> senders(SubscriberRecorder reader, int count) {
        return reader.awaitEntries(count).stream().map(Entry::sender).toList();
    }
}
