package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.placed;
import static dev.confab.core.StoreCalls.publishAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of keys: a draft whose key is already in the log, or repeated within a batch. */
interface KeyContract extends StoreFixture {
    @Test
    default void aRepeatedKeyWithTheSameNickAndBodyIsKnown() {
        MessageStore store = open();
        Draft draft = Draft.of(A, ANN, "hello", "k");
        Message stored = placed(append(store, draft));
        assertThat(append(store, draft)).isEqualTo(new Outcome.Known(stored));
        assertThat(append(store, Draft.of(A, null, "no nick", "k2"))).isInstanceOf(Outcome.Placed.class);
        assertThat(append(store, Draft.of(A, null, "no nick", "k2"))).isInstanceOf(Outcome.Known.class);
        assertThat(all(store, A)).hasSize(2);
    }

    @Test
    default void aRepeatedKeyWithOtherContentIsAConflict() {
        MessageStore store = open();
        append(store, Draft.of(A, ANN, "hello", "k"));
        assertThat(append(store, Draft.of(A, ANN, "hello!", "k"))).isEqualTo(new Outcome.Conflict());
        assertThat(append(store, Draft.of(A, new Nick("bob"), "hello", "k"))).isEqualTo(new Outcome.Conflict());
        assertThat(append(store, Draft.of(A, null, "hello", "k"))).isEqualTo(new Outcome.Conflict());
        assertThat(append(store, Draft.of(A, new Nick("an"), "nhello", "k"))).isEqualTo(new Outcome.Conflict());
        assertThat(all(store, A)).hasSize(1);
    }

    @Test
    default void theSameKeyInAnotherRoomIsAnotherKey() {
        MessageStore store = open();
        assertThat(append(store, Draft.of(A, ANN, "hello", "k"))).isInstanceOf(Outcome.Placed.class);
        assertThat(append(store, Draft.of(B, ANN, "other", "k"))).isInstanceOf(Outcome.Placed.class);
        assertThat(append(store, Draft.of(A, ANN, "hello", "K"))).isInstanceOf(Outcome.Placed.class);
    }

    @Test
    default void aKeyRepeatedInABatchIsStoredOnce() {
        MessageStore store = open();
        Draft draft = Draft.of(A, ANN, "hello", "k");
        List<Outcome> outcomes = store.append(
                        NODE,
                        List.of(
                                draft,
                                Draft.of(A, "between"),
                                draft,
                                Draft.of(A, ANN, "other", "k"),
                                Draft.of(B, ANN, "b", "k")))
                .outcomes();
        assertThat(outcomes.get(2)).isEqualTo(new Outcome.Known(placed(outcomes.get(0))));
        assertThat(outcomes.get(3)).isEqualTo(new Outcome.Conflict());
        assertThat(outcomes.get(4)).isInstanceOf(Outcome.Placed.class);
        assertThat(bodies(all(store, A))).containsExactly("hello", "between");
    }

    @Test
    default void aBatchOfOnlyKnownKeysAddsNothing() {
        MessageStore store = open();
        Draft draft = Draft.of(A, ANN, "hello", "k");
        append(store, draft);
        MessageId last = store.lastId();
        Appended again = store.append(NODE, List.of(draft, draft));
        assertThat(again.previous()).isEqualTo(last);
        assertThat(again.outcomes()).hasOnlyElementsOfType(Outcome.Known.class);
        assertThat(store.lastId()).isEqualTo(last);
    }

    @Test
    default void aKeyIsNewAgainAfter24Hours() {
        MessageStore store = open();
        Draft draft = Draft.of(A, ANN, "hello", "k");
        Message first = placed(append(store, draft));
        clock().advance(Duration.ofHours(24));
        assertThat(append(store, draft)).isEqualTo(new Outcome.Known(first));
        clock().advance(Duration.ofMillis(1));
        Message second = placed(append(store, draft));
        assertThat(second.id().isAfter(first.id())).isTrue();
        assertThat(append(store, draft)).isEqualTo(new Outcome.Known(second));
        clock().advance(Duration.ofHours(25));
        store.trim(Retention.FOREVER);
        assertThat(append(store, draft)).isInstanceOf(Outcome.Placed.class);
        assertThat(all(store, A)).hasSize(3);
    }

    @Test
    default void aKeyIsKnownThoughItsMessageWasTrimmed() {
        MessageStore store = open();
        Draft draft = Draft.of(A, ANN, "hello", "k");
        Message first = placed(append(store, draft));
        clock().advance(Duration.ofHours(2));
        publishAll(store, A, 2);
        assertThat(store.trim(new Retention(Duration.ofHours(1), 1))).containsOnlyKeys(A);
        assertThat(bodies(all(store, A))).doesNotContain("hello");
        MessageStore again = reopen(store);
        assertThat(append(again, draft)).isEqualTo(new Outcome.Known(first));
        assertThat(append(again, Draft.of(A, ANN, "other", "k"))).isEqualTo(new Outcome.Conflict());
    }
}
