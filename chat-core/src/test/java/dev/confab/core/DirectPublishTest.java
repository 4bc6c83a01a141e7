package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Publishing with a store that does not block: the append runs on the publisher's thread. No timer runs, because a
 * regular task that is running would append the draft on the timer's thread.
 */
@Timeout(30)
class DirectPublishTest {
    private final ScriptedStore store = ScriptedStore.direct();
    private final ChatService chat = new ManualTimer().start(store, ChatConfig.defaults());

    @AfterEach
    void close() {
        chat.close();
    }

    @Test
    void aPublishIsCompleteWhenTheCallReturns() {
        assertThat(chat.publish(Draft.of(Room.LOBBY, "a"))).isDone();
    }

    @Test
    void anUnavailableStoreIsNotRetried() {
        store.failAppends(new StoreException(Kind.UNAVAILABLE, "scripted", null), 1);
        CompletableFuture<Published> answer = chat.publish(Draft.of(Room.LOBBY, "a"));
        assertThat(answer).isDone();
        assertThat(PublishTest.reason(answer)).isEqualTo(Reason.UNAVAILABLE);
        assertThat(store.appends()).hasSize(1);
    }

    @Test
    void aPublishFromACallbackCompletes() {
        CompletableFuture<Published> inner = chat.publish(Draft.of(Room.LOBBY, "a"))
                .thenCompose(p -> chat.publish(Draft.of(Room.LOBBY, "b")))
                .thenCompose(p -> chat.publish(Draft.of(Room.LOBBY, "c")));
        assertThat(inner.join().entry().message().body()).isEqualTo("c");
    }

    @Test
    void aSubscriberCanPublishDuringADelivery() {
        SubscriberRecorder echo = new SubscriberRecorder(chat.head());
        echo.react(delivery -> {
            if (delivery instanceof Batch batch
                    && batch.entries().get(0).message().body().equals("ping")) {
                chat.publish(Draft.of(Room.LOBBY, "pong"));
            }
        });
        chat.subscribe(RoomSet.of(Room.LOBBY), Start.LATEST, Runnable::run, echo)
                .join();
        chat.publish(Draft.of(Room.LOBBY, "ping")).join();
        assertThat(echo.awaitBodies(2)).containsExactly("ping", "pong");
        echo.assertExhausted();
    }

    @Test
    void messagesOfManyThreadsAreDeliveredInLogOrder() throws Exception {
        int threads = 8;
        int each = 500;
        SubscriberRecorder reader = new SubscriberRecorder(chat.head());
        chat.subscribe(RoomSet.of(Room.LOBBY), Start.LATEST, Runnable::run, reader)
                .join();
        CyclicBarrier together = new CyclicBarrier(threads);
        List<CompletableFuture<Published>> answers = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> publishers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            Thread thread = new Thread(() -> {
                awaitAll(together);
                for (int i = 0; i < each; i++) {
                    answers.add(chat.publish(Draft.of(Room.LOBBY, number + "-" + i)));
                }
            });
            thread.start();
            publishers.add(thread);
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }

        answers.forEach(CompletableFuture::join);
        List<Entry> read = reader.awaitEntries(threads * each);
        assertThat(read).extracting(Entry::message).isEqualTo(store.log().entries());
        for (int t = 0; t < threads; t++) {
            String prefix = t + "-";
            assertThat(read.stream().map(e -> e.message().body()).filter(b -> b.startsWith(prefix)))
                    .as("one thread's messages stay in its order")
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, each)
                            .mapToObj(i -> prefix + i)
                            .toList());
        }
        reader.assertExhausted();
    }

    private static void awaitAll(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }
}
