package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CloseTest {
    private final ScriptedStore store = new ScriptedStore();

    @Test
    void closeCompletesWaitingPublishes() throws Exception {
        ChatService chat = service(Duration.ofSeconds(10));
        Gate gate = store.holdAppends();
        List<CompletableFuture<Published>> answers = publish(chat, 1);
        gate.awaitEntered();
        answers.addAll(publish(chat, 20));
        Thread closer = closing(chat);
        gate.open();
        closer.join();
        assertThat(answers).allMatch(a -> a.isDone() && !a.isCompletedExceptionally());
        assertThat(store.log().entries()).hasSize(21);
    }

    @Test
    void closeFailsWaitingPublishesButNotTheOneBeingAppended() {
        ChatService chat = service(Duration.ofMillis(50));
        Gate gate = store.holdAfterCommit();
        CompletableFuture<Published> inTheStoresHands = chat.publish(Draft.of(Room.LOBBY, "a"));
        gate.awaitEntered();
        List<CompletableFuture<Published>> waiting = publish(chat, 5);

        chat.close();
        assertThat(waiting).allSatisfy(a -> {
            assertThat(a).isDone();
            assertThat(PublishTest.reason(a)).isEqualTo(Reason.DRAINING);
        });
        assertThat(inTheStoresHands).isNotDone();

        gate.open();
        assertThat(inTheStoresHands.join().entry().id()).isEqualTo(store.lastId());
        assertThat(store.appends()).hasSize(1);
    }

    @Test
    void closeEndsTheRetriesOfAnUnavailableStore() {
        ChatService chat = service(Duration.ofMillis(50));
        store.failAppends(new StoreException(Kind.UNAVAILABLE, "scripted", null), 100_000);
        CompletableFuture<Published> answer = chat.publish(Draft.of(Room.LOBBY, "a"));
        chat.close();
        assertThat(PublishTest.reason(answer)).isIn(Reason.UNAVAILABLE, Reason.DRAINING);
    }

    @Test
    void aClosedServiceRefusesEveryCall() {
        ChatService chat = service(Duration.ofSeconds(1));
        assertThat(chat.isOpen()).isTrue();
        chat.close();
        chat.close();
        assertThat(chat.isOpen()).isFalse();
        assertThat(PublishTest.reason(chat.publish(Draft.of(Room.LOBBY, "a")))).isEqualTo(Reason.DRAINING);
        assertThat(chat.health().join()).isNotEqualTo(Health.OK);
        CompletableFuture<Batch> history = chat.before(RoomSet.of(Room.LOBBY), MessageId.MAX, Limit.PAGE);
        assertThat(PublishTest.reason(history)).isEqualTo(Reason.DRAINING);
    }

    @Test
    void aSubscriberOfAClosedServiceGetsItsLastCall() {
        ChatService chat = service(Duration.ofSeconds(1));
        chat.close();
        SubscriberRecorder late = new SubscriberRecorder();
        chat.subscribe(RoomSet.of(Room.LOBBY), Start.LATEST, Runnable::run, late)
                .join();
        late.awaitClose();
    }

    @Test
    void acknowledgementsPrecedeTheLastCall() throws Exception {
        ChatService chat = service(Duration.ofSeconds(10));
        Queue<String> order = new ConcurrentLinkedQueue<>();
        chat.subscribe(RoomSet.of(Room.LOBBY), Start.LATEST, Runnable::run, new Subscriber() {
                    @Override
                    public void onBatch(Batch batch) {}

                    @Override
                    public void onGap(Gap gap) {}

                    @Override
                    public void onClose() {
                        order.add("close");
                    }
                })
                .join();
        Gate gate = store.holdAppends();
        chat.publish(Draft.of(Room.LOBBY, "a")).thenAccept(p -> order.add("ack"));
        gate.awaitEntered();
        Thread closer = closing(chat);
        gate.open();
        closer.join();
        assertThat(order).containsExactly("ack", "close");
    }

    /**
     * Whenever the service is closed, each publish completes, and the acknowledged messages are exactly those stored.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void everyPublishCompletesDuringClose(int drainMillis) throws Exception {
        for (int round = 0; round < 60; round++) {
            ScriptedStore log = new ScriptedStore();
            ChatService chat = new ChatService(
                    log, ChatConfig.defaults().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(drainMillis)));
            Queue<CompletableFuture<Published>> answers = new ConcurrentLinkedQueue<>();
            CountDownLatch some = new CountDownLatch(round % 30);
            List<Thread> publishers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread publisher = new Thread(() -> publishUntilClosed(chat, answers, some));
                publisher.start();
                publishers.add(publisher);
            }
            some.await();
            chat.close();
            for (Thread publisher : publishers) {
                publisher.join();
            }
            assertAnswersMatch(log, answers);
        }
    }

    private static void publishUntilClosed(
            ChatService chat, Queue<CompletableFuture<Published>> answers, CountDownLatch some) {
        for (int i = 0; i < 300; i++) {
            answers.add(chat.publish(Draft.of(Room.LOBBY, "m")));
            some.countDown();
        }
    }

    private static void assertAnswersMatch(ScriptedStore log, Queue<CompletableFuture<Published>> answers) {
        List<MessageId> acknowledged = answers.stream()
                .map(a -> a.handle((p, failure) -> {
                            if (failure != null) {
                                assertThat(ChatException.of(failure).reason()).isIn(Reason.DRAINING, Reason.OVERLOADED);
                            }
                            return p;
                        })
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join())
                .filter(p -> p != null)
                .map(p -> p.entry().id())
                .sorted()
                .toList();
        assertThat(acknowledged)
                .isEqualTo(log.log().entries().stream().map(Message::id).toList());
    }

    private ChatService service(Duration drain) {
        return new ChatService(store, ChatConfig.defaults().withTimeouts(Duration.ofSeconds(10), drain));
    }

    private static Thread closing(ChatService chat) throws InterruptedException {
        Thread closer = new Thread(chat::close);
        closer.start();
        while (chat.isOpen()) {
            Thread.onSpinWait();
        }
        return closer;
    }

    private static List<CompletableFuture<Published>> publish(ChatService chat, int count) {
        return new ArrayList<>(IntStream.range(0, count)
                .mapToObj(i -> chat.publish(Draft.of(Room.LOBBY, "m" + i)))
                .toList());
    }
}
