package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several nodes share a log, and every reader of every node gets the messages in the order of the log. */
@Timeout(30)
class SharedLogTest {
    private static final Room A = new Room("a");
    private static final RoomSet ROOMS = RoomSet.of(A);

    private final ScriptedLog log = new ScriptedLog();
    private final ScriptedStore store = ScriptedStore.on(log);
    private final ScriptedStore otherStore = ScriptedStore.on(log);
    private final ChatService node = new ChatService(store, ChatConfig.defaults());
    private final ChatService other = new ChatService(otherStore, ChatConfig.defaults());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        node.close();
        other.close();
        loop.shutdown();
    }

    @Test
    void foreignMessagesBeforeTheOwnBatchAreReadFirst() {
        SubscriberRecorder reader = reader(node, Start.LATEST);
        log.appendForeign(A, "theirs");
        log.appendForeign(A, "theirs too");
        publish(node, "ours");
        assertThat(reader.awaitBodies(3)).containsExactly("theirs", "theirs too", "ours");
        reader.assertExhausted();
    }

    @Test
    void aPublishedMessageIsReadableThoughForeignMessagesPrecedeIt() {
        log.appendForeign(A, "theirs");
        assertThat(publish(node, "ours").id()).isEqualTo(node.head());
    }

    @Test
    void aFailureToReadForeignMessagesDelaysButSkipsNothing() {
        SubscriberRecorder reader = reader(node, Start.LATEST);
        log.appendForeign(A, "theirs");
        Gate committed = store.holdAfterCommit();
        CompletableFuture<Published> ours = node.publish(Draft.of(A, "ours"));
        committed.awaitEntered();
        store.failReads(1);
        committed.open();
        ours.join();
        publish(node, "ours too");
        assertThat(reader.awaitBodies(3)).containsExactly("theirs", "ours", "ours too");
        reader.assertExhausted();
    }

    @Test
    void foreignMessagesArriveWithoutAnOwnPublish() {
        SubscriberRecorder reader = reader(node, Start.LATEST);
        log.appendForeign(A, "theirs");
        assertThat(reader.awaitBodies(1)).containsExactly("theirs");
    }

    @Test
    void aCursorAheadOfThisNodeIsFoundByReadingTheLog() {
        MessageId ahead = IntStream.range(0, 5)
                .mapToObj(i -> log.appendForeign(A, "" + i))
                .toList()
                .get(2);
        SubscriberRecorder reader = reader(node, Start.after(ahead));
        assertThat(reader.awaitBodies(2)).containsExactly("3", "4");
        reader.assertExhausted();
    }

    @Test
    void aRepeatedKeyOfAnotherNodeIsReadableWhenThePublishReturns() {
        Draft draft = Draft.of(A, null, "once", "k1");
        Published there = other.publish(draft).join();
        Published here = node.publish(draft).join();
        assertThat(here.isNew()).isFalse();
        assertThat(here.entry().id()).isEqualTo(there.entry().id()).isEqualTo(node.head());
    }

    @Test
    void readersOfBothNodesGetTheSameOrderWhileBothPublish() throws Exception {
        SubscriberRecorder here = reader(node, Start.LATEST);
        SubscriberRecorder there = reader(other, Start.LATEST);
        Thread publisher = new Thread(() -> publishMany(other, 400));
        publisher.start();
        publishMany(node, 400);
        publisher.join();
        List<MessageId> all = log.entries().stream().map(Message::id).toList();
        assertThat(here.awaitEntries(800)).extracting(Entry::id).isEqualTo(all);
        assertThat(there.awaitEntries(800)).extracting(Entry::id).isEqualTo(all);
        here.assertExhausted();
        there.assertExhausted();
    }

    @Test
    void aReaderThatMovesFromNodeToNodeGetsEachEntryOnce() {
        MessageId cursor = node.head();
        for (int i = 0; i < 8; i++) {
            ChatService to = i % 2 == 0 ? node : other;
            publish(i % 3 == 0 ? node : other, "" + i);
            SubscriberRecorder reader = new SubscriberRecorder(cursor);
            Subscription subscription =
                    to.subscribe(ROOMS, Start.after(cursor), loop, reader).join();
            assertThat(reader.awaitBodies(1)).containsExactly("" + i);
            cursor = subscription.cursor();
            subscription.close();
            reader.assertExhausted();
        }
    }

    private SubscriberRecorder reader(ChatService chat, Start start) {
        SubscriberRecorder reader = new SubscriberRecorder();
        chat.subscribe(ROOMS, start, loop, reader)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return reader;
    }

    private static void publishMany(ChatService chat, int count) {
        IntStream.range(0, count)
                .mapToObj(i -> chat.publish(Draft.of(A, "" + i)))
                .toList()
                .forEach(CompletableFuture::join);
    }

    private static Entry publish(ChatService chat, String body) {
        return chat.publish(Draft.of(A, body))
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .entry();
    }
}
