package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.confab.core.StoreException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PublishTest {
    private static final ChatConfig CONFIG = ChatConfig.defaults();
    private static final Duration SHORT = Duration.ofMillis(1);

    private final ScriptedStore store = new ScriptedStore();
    private ChatService chat = new ChatService(store, CONFIG);

    @AfterEach
    void close() {
        chat.close();
    }

    @Test
    void aPublishCompletesOnlyAfterTheStoreHasCommitted() {
        MessageId before = chat.head();
        Gate committed = store.holdAfterCommit();
        CompletableFuture<Published> answer = chat.publish(draft("a"));
        committed.awaitEntered();

        assertThat(store.log().entries()).hasSize(1);
        assertThat(answer).isNotDone();
        assertThat(chat.head()).isEqualTo(before);

        committed.open();
        assertThat(answer.join().entry().id()).isEqualTo(chat.head()).isEqualTo(store.lastId());
    }

    @Test
    void aMessageIsReadableWhenItsPublishCompletes() {
        Gate committed = store.holdAfterCommit();
        CompletableFuture<Boolean> readable = chat.publish(draft("a"))
                .thenApply(p -> chat.head().equals(p.entry().id()));
        committed.open();
        assertThat(readable.join()).isTrue();
    }

    @Test
    void waitingDraftsAreAppendedTogether() {
        Gate first = store.holdAppends();
        List<CompletableFuture<Published>> answers = publish(1);
        first.awaitEntered();
        answers = concat(answers, publish(50));
        first.open();

        List<MessageId> ids = answers.stream().map(a -> a.join().entry().id()).toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(store.appends()).extracting(List::size).containsExactly(1, 50);
    }

    @Test
    void onlyTheDraftThatTheStoreRefusesFails() {
        store.refuse(d -> d.body().startsWith("poison"));
        Gate first = store.holdAppends();
        CompletableFuture<Published> ahead = chat.publish(draft("ahead"));
        first.awaitEntered();
        List<CompletableFuture<Published>> good = new java.util.ArrayList<>();
        List<CompletableFuture<Published>> bad = new java.util.ArrayList<>();
        for (int i = 0; i < 40; i++) {
            (i % 17 == 3 ? bad : good).add(chat.publish(draft((i % 17 == 3 ? "poison" : "good") + i)));
        }
        first.open();

        ahead.join();
        good.forEach(CompletableFuture::join);
        assertThat(bad).hasSize(3).allSatisfy(a -> assertThat(reason(a)).isEqualTo(Reason.REFUSED));
        assertThat(store.log().entries())
                .extracting(Message::body)
                .hasSize(38)
                .noneMatch(b -> b.startsWith("poison"))
                .startsWith("ahead", "good0", "good1", "good2", "good4");
    }

    @Test
    void aDraftOverTheQueueLengthIsRefusedAtOnce() {
        restart(CONFIG.withMaxQueued(3, 1 << 20));
        Gate gate = store.holdAppends();
        List<CompletableFuture<Published>> taken = publish(1);
        gate.awaitEntered();
        taken = concat(taken, publish(2));

        CompletableFuture<Published> refused = chat.publish(draft("one too many"));
        assertThat(refused).isDone();
        assertThat(reason(refused)).isEqualTo(Reason.OVERLOADED);

        gate.open();
        taken.forEach(CompletableFuture::join);
        chat.publish(draft("there is room again")).join();
    }

    @Test
    void aDraftOverTheQueuedBytesIsRefusedAtOnce() {
        restart(CONFIG.withMaxQueued(1_000, 30_000));
        Gate gate = store.holdAppends();
        CompletableFuture<Published> taken = chat.publish(draft("x".repeat(10_000)));
        gate.awaitEntered();

        CompletableFuture<Published> refused = chat.publish(draft("x".repeat(10_000)));
        assertThat(refused).isDone();
        assertThat(reason(refused)).isEqualTo(Reason.OVERLOADED);
        CompletableFuture<Published> small = chat.publish(draft("small"));

        gate.open();
        taken.join();
        small.join();
        chat.publish(draft("x".repeat(10_000))).join();
    }

    @Test
    void anEmptyQueueTakesOneDraftOfAnySize() {
        restart(CONFIG.withMaxQueued(1, 1));
        chat.publish(draft("x".repeat(10_000))).join();
        chat.publish(draft("x".repeat(10_000))).join();
    }

    @Test
    void aCallbackOfAPublishCanPublishInTheFreedPlace() {
        restart(CONFIG.withMaxQueued(1, 1 << 20));
        CompletableFuture<Published> last = chat.publish(draft("0"));
        for (int i = 1; i < 200; i++) {
            String body = "" + i;
            last = last.thenCompose(p -> chat.publish(draft(body)));
        }
        assertThat(last.join().entry().message().body()).isEqualTo("199");
    }

    @Test
    void aPublishIsRetriedUntilTheStoreIsBack() {
        store.failAppends(new StoreException(Kind.UNAVAILABLE, "scripted", null), 3);
        chat.publish(draft("a")).join();
        assertThat(store.appends()).hasSize(4);
        assertThat(store.log().entries()).hasSize(1);
    }

    @Test
    void aPublishFailsWhenTheStoreIsNotBackInTime() {
        // Without the regular check, which would call the outcome unknown if it ran in the middle of an attempt.
        restartWithManualTimer(CONFIG.withTimeouts(Duration.ofMillis(250), Duration.ofSeconds(5)));
        store.failAppends(new StoreException(Kind.UNAVAILABLE, "scripted", null), 1_000);
        assertThat(reason(chat.publish(draft("a")))).isEqualTo(Reason.UNAVAILABLE);
        // The service tries again with pauses, and only as often as fits into the timeout.
        assertThat(store.appends()).hasSizeLessThanOrEqualTo(5);
        assertThat(store.log().entries()).isEmpty();
    }

    /**
     * The store is appending one draft while another draft is waiting. Both publishes complete in time, and both places
     * in the queue become free. The test itself runs the regular check, so that no draft is overdue earlier.
     */
    @Test
    void publishesCompleteThoughTheStoreDoesNotReturn() {
        ManualTimer timer = restartWithManualTimer(
                CONFIG.withTimeouts(SHORT, Duration.ofSeconds(5)).withMaxQueued(2, 1 << 20));
        Gate committed = store.holdAfterCommit();
        CompletableFuture<Published> inTheStoresHands = chat.publish(draft("a"));
        committed.awaitEntered();
        CompletableFuture<Published> waiting = chat.publish(draft("b"));
        assertThat(reason(chat.publish(draft("too many")))).isEqualTo(Reason.OVERLOADED);

        runUntilDone(timer, waiting);
        assertThat(reason(waiting)).isEqualTo(Reason.UNAVAILABLE);
        assertThat(reason(inTheStoresHands)).isEqualTo(Reason.OUTCOME_UNKNOWN);
        CompletableFuture<Published> first = chat.publish(draft("c"));
        CompletableFuture<Published> second = chat.publish(draft("d"));
        committed.open();
        first.join();
        second.join();
        assertThat(store.log().entries()).extracting(Message::body).containsExactly("a", "c", "d");
    }

    /** Only drafts whose publish has not completed are appended again after a failure. */
    @Test
    void aPublishThatHasTimedOutIsNotRetried() {
        ManualTimer timer = restartWithManualTimer(CONFIG.withTimeouts(SHORT, Duration.ofSeconds(5)));
        Gate gate = store.holdAppends();
        store.failAppends(new StoreException(Kind.UNAVAILABLE, "scripted", null), 1);
        CompletableFuture<Published> overdue = chat.publish(draft("a"));
        gate.awaitEntered();
        runUntilDone(timer, overdue);
        assertThat(reason(overdue)).isEqualTo(Reason.OUTCOME_UNKNOWN);
        CompletableFuture<Published> next = chat.publish(draft("b"));
        gate.open();
        next.join();
        assertThat(store.log().entries()).extracting(Message::body).containsExactly("b");
    }

    @Test
    void aPublishWithAnUnknownOutcomeIsNotRetried() {
        store.failAppends(new StoreException(Kind.OUTCOME_UNKNOWN, "scripted", null), 1);
        assertThat(reason(chat.publish(draft("a")))).isEqualTo(Reason.OUTCOME_UNKNOWN);
        chat.publish(draft("b")).join();
        assertThat(store.appends()).extracting(b -> b.get(0).body()).containsExactly("a", "b");
    }

    @Test
    void aRepeatedKeyIsReadableThoughItsFirstOutcomeWasUnknown() {
        Draft draft = Draft.of(Room.LOBBY, null, "a", "k1");
        store.failAppends(new StoreException(Kind.OUTCOME_UNKNOWN, "scripted", null), 1);
        assertThat(reason(chat.publish(draft))).isEqualTo(Reason.OUTCOME_UNKNOWN);
        // The draft was committed after all.
        store.log().append(List.of(draft));

        Published again = chat.publish(draft).join();
        assertThat(again.isNew()).isFalse();
        assertThat(chat.head()).isEqualTo(again.entry().id());
    }

    @Test
    void theSameKeyGivesTheSameMessage() {
        Draft draft = Draft.of(Room.LOBBY, new Nick("ann"), "a", "k1");
        Published first = chat.publish(draft).join();
        Published second = chat.publish(draft).join();
        assertThat(first.isNew()).isTrue();
        assertThat(second.isNew()).isFalse();
        assertThat(second.entry().message()).isEqualTo(first.entry().message());
        assertThat(chat.head()).isEqualTo(first.entry().id());
    }

    @Test
    void theSameKeyTwiceInOneAppendGivesOneMessage() {
        Gate first = store.holdAppends();
        CompletableFuture<Published> ahead = chat.publish(draft("ahead"));
        first.awaitEntered();
        Draft draft = Draft.of(Room.LOBBY, null, "a", "k1");
        CompletableFuture<Published> one = chat.publish(draft);
        CompletableFuture<Published> other = chat.publish(draft);
        first.open();
        ahead.join();
        assertThat(one.join().isNew()).isTrue();
        assertThat(other.join().isNew()).isFalse();
        assertThat(store.log().entries()).hasSize(2);
    }

    @Test
    void theSameKeyWithAnotherBodyIsAConflict() {
        chat.publish(Draft.of(Room.LOBBY, null, "a", "k1")).join();
        CompletableFuture<Published> answer = chat.publish(Draft.of(Room.LOBBY, null, "b", "k1"));
        assertThat(reason(answer)).isEqualTo(Reason.KEY_CONFLICT);
        assertThat(catchThrowable(answer::join).getCause())
                .hasMessage("key: k1 (expected: the same nick and body as before)");
    }

    @Test
    void aFaultOfTheStoreFailsOnlyItsOwnPublish() {
        store.failAppends(new IllegalStateException("a fault, on purpose"), 1);
        assertThat(reason(chat.publish(draft("a")))).isEqualTo(Reason.INTERNAL);
        chat.publish(draft("b")).join();
    }

    @Test
    void aThrowingCallbackDoesNotAffectOtherPublishes() {
        Gate gate = store.holdAppends();
        CompletableFuture<Published> one = chat.publish(draft("1"));
        CompletableFuture<Object> thrower = one.thenApply(p -> {
            throw new IllegalStateException("a fault, on purpose");
        });
        CompletableFuture<Published> two = chat.publish(draft("2"));
        CompletableFuture<Published> again = two.thenCompose(p -> chat.publish(draft("3")));
        gate.open();
        assertThat(again.join().entry().message().body()).isEqualTo("3");
        assertThat(catchThrowable(thrower::join)).hasMessageContaining("on purpose");
    }

    @Test
    void onlyMessagesArePublished() {
        Draft join = Draft.join(Room.LOBBY, new Nick("ann"));
        assertThat(catchThrowable(() -> chat.publish(join))).hasMessage("type: JOIN (expected: MESSAGE)");
    }

    private void restart(ChatConfig config) {
        chat.close();
        chat = new ChatService(store, config);
    }

    /** Restarts the service with a timer that this test runs. */
    private ManualTimer restartWithManualTimer(ChatConfig config) {
        chat.close();
        ManualTimer timer = new ManualTimer();
        chat = timer.start(store, config);
        return timer;
    }

    private static void runUntilDone(ManualTimer timer, CompletableFuture<?> publish) {
        while (!publish.isDone()) {
            timer.runAll();
        }
    }

    private List<CompletableFuture<Published>> publish(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> chat.publish(draft("m" + i)))
                .toList();
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return java.util.stream.Stream.concat(first.stream(), second.stream()).toList();
    }

    private static Draft draft(String body) {
        return Draft.of(Room.LOBBY, body);
    }

    static Reason reason(CompletableFuture<?> failed) {
        Throwable failure =
                failed.handle((value, f) -> f).orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(failure).isNotNull();
        return ChatException.of(failure).reason();
    }
}
