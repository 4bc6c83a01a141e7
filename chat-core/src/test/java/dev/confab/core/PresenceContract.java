package dev.confab.core;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.B;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.join;
import static dev.confab.core.StoreCalls.leave;
import static dev.confab.core.StoreCalls.placed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of the participants of nodes, and of their leaves when the lease of a node has ended. */
interface PresenceContract extends StoreFixture {
    UUID OTHER = new UUID(0, 2);
    UUID THIRD = new UUID(0, 3);
    Nick BOB = new Nick("bob");
    Duration LEASE = MessageStore.MAX_LEASE;

    @Test
    default void joinsAndLeavesAreStoredOnlyWhenTheyChangeSomething() {
        MessageStore store = openWithLease();
        Message joined = placed(append(store, join(A, ANN)));
        assertThat(joined).isEqualTo(new Message(Message.Type.JOIN, joined.id(), A, ANN, ""));
        assertThat(append(store, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(store, leave(B, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(store, join(B, ANN))).isInstanceOf(Outcome.Placed.class);
        MessageStore again = reopen(store);
        assertThat(append(again, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(placed(append(again, leave(A, ANN))).type()).isEqualTo(Message.Type.LEAVE);
        assertThat(append(again, leave(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(again, join(A, ANN))).isInstanceOf(Outcome.Placed.class);
        assertThat(all(again, A))
                .extracting(Message::type)
                .containsExactly(Message.Type.JOIN, Message.Type.LEAVE, Message.Type.JOIN);
    }

    @Test
    default void joinsAndLeavesOfABatchSeeOneAnother() {
        MessageStore store = openWithLease();
        Nick bob = new Nick("bob");
        append(store, join(A, bob));
        List<Outcome> outcomes = store.append(
                        NODE,
                        List.of(
                                join(A, ANN),
                                join(A, ANN),
                                leave(A, ANN),
                                leave(A, ANN),
                                join(A, ANN),
                                leave(A, bob),
                                join(A, bob)))
                .outcomes();
        Class<?>[] kinds = outcomes.stream().map(Object::getClass).toArray(Class<?>[]::new);
        Class<?> placed = Outcome.Placed.class;
        Class<?> unchanged = Outcome.Unchanged.class;
        assertThat(kinds).containsExactly(placed, unchanged, placed, unchanged, placed, placed, placed);
        assertThat(append(store, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(store, join(A, bob))).isEqualTo(new Outcome.Unchanged());
    }

    @Test
    default void participantOfTwoNodesJoinsOnceAndLeavesOnce() {
        MessageStore store = openWithLease();
        store.beginLease(OTHER, LEASE);
        assertThat(append(store, join(A, ANN))).isInstanceOf(Outcome.Placed.class);
        assertThat(append(store, OTHER, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        MessageStore again = reopen(store);
        assertThat(nicks(again)).containsExactly("ann");
        assertThat(append(again, leave(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(again, leave(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(nicks(again)).containsExactly("ann");
        assertThat(append(again, OTHER, leave(A, ANN))).isInstanceOf(Outcome.Placed.class);
        assertThat(nicks(again)).isEmpty();
        assertThat(types(again)).containsExactly(Message.Type.JOIN, Message.Type.LEAVE);
    }

    @Test
    default void participantsOfAllNodesAreListed() {
        MessageStore store = openWithLease();
        store.beginLease(OTHER, LEASE);
        store.append(NODE, List.of(join(A, BOB), join(B, new Nick("eve"))));
        store.append(OTHER, List.of(join(A, ANN), join(A, BOB)));
        assertThat(store.participants(A)).containsExactly(new Participant(A, ANN), new Participant(A, BOB));
    }

    @Test
    default void participantsOfANodeWhoseLeaseEndedLeave() {
        MessageStore store = openWithLease();
        store.beginLease(OTHER, LEASE);
        store.append(NODE, List.of(join(A, BOB)));
        store.append(OTHER, List.of(join(A, ANN), join(A, BOB), join(B, ANN)));
        clock().advance(LEASE.minusMillis(1));
        assertThat(store.expireNodes(THIRD, false))
                .as("the lease has not ended yet")
                .isNull();
        store.renewLease(NODE, LEASE);
        clock().advance(Duration.ofMillis(1));

        MessageId before = store.lastId();
        Appended expired = store.expireNodes(NODE, false);
        assertThat(expired).isNotNull();
        assertThat(expired.previous()).isEqualTo(before);
        List<Message> leaves = expired.outcomes().stream()
                .filter(outcome -> outcome instanceof Outcome.Placed)
                .map(StoreCalls::placed)
                .toList();
        assertThat(leaves).extracting(Message::type).containsOnly(Message.Type.LEAVE);
        assertThat(leaves).extracting(Message::room).containsExactlyInAnyOrder(A, B);
        assertThat(leaves).extracting(Message::nick).containsOnly(ANN);
        assertThat(store.readLog(before, Limit.PAGE)).isEqualTo(leaves);
        assertThat(nicks(store)).as("who is on another node stays").containsExactly("bob");
        assertThat(expireAll(store, NODE)).isZero();
        assertThat(expireAll(store, THIRD)).isZero();
    }

    @Test
    default void aRenewedLeaseDoesNotEnd() {
        MessageStore store = openWithLease();
        append(store, join(A, ANN));
        for (int i = 0; i < 5; i++) {
            clock().advance(LEASE.minusMillis(1));
            assertThat(store.renewLease(NODE, LEASE)).isTrue();
        }
        assertThat(store.expireNodes(OTHER, false)).isNull();
        clock().advance(LEASE.multipliedBy(2));
        assertThat(store.renewLease(NODE, LEASE))
                .as("nobody has expired it yet")
                .isTrue();
        assertThat(store.expireNodes(OTHER, false)).isNull();
        assertThat(nicks(store)).containsExactly("ann");
    }

    @Test
    default void anotherNodeIsReportedUntilItsLeaseEnds() {
        MessageStore store = openWithLease();
        assertThat(store.hasOtherNodes(NODE)).isFalse();
        store.beginLease(OTHER, LEASE);
        assertThat(store.hasOtherNodes(NODE)).isTrue();
        clock().advance(LEASE.minusMillis(1));
        assertThat(store.hasOtherNodes(NODE)).isTrue();
        clock().advance(Duration.ofMillis(1));
        assertThat(store.hasOtherNodes(NODE)).isFalse();
        assertThat(expireAll(store, NODE)).isZero();
        assertThat(store.hasOtherNodes(NODE)).isFalse();
    }

    /** The lease belongs to a node that died while the clock was ahead. */
    @Test
    default void aLeaseEndsInTimeThoughTheClockStepsBack() {
        MessageStore store = openWithLease();
        store.beginLease(OTHER, LEASE);
        append(store, join(A, ANN));
        store.append(OTHER, List.of(join(A, BOB)));
        clock().advance(Duration.ofHours(-1));
        assertThat(expireAll(store, OTHER)).as("it has time to be renewed").isZero();
        clock().advance(LEASE.minusMillis(1));
        assertThat(store.renewLease(OTHER, LEASE)).isTrue();
        assertThat(expireAll(store, OTHER)).isZero();
        clock().advance(Duration.ofMillis(1));
        assertThat(expireAll(store, OTHER)).isEqualTo(1);
        assertThat(nicks(store)).containsExactly("bob");
    }

    @Test
    default void aLeaseCanBeShortened() {
        MessageStore store = openWithLease();
        append(store, join(A, ANN));
        assertThat(store.renewLease(NODE, Duration.ofSeconds(5))).isTrue();
        clock().advance(Duration.ofSeconds(5));
        assertThat(expireAll(store, OTHER)).isEqualTo(1);
        assertThat(nicks(store)).isEmpty();
    }

    @Test
    default void aNodeDoesNotExpireItself() {
        MessageStore store = openWithLease();
        append(store, join(A, ANN));
        clock().advance(LEASE);
        assertThat(store.expireNodes(NODE, false)).isNull();
        assertThat(store.expireNodes(NODE, true)).isNull();
        assertThat(nicks(store)).containsExactly("ann");
    }

    @Test
    default void theOnlyLiveNodeExpiresAllOthers() {
        MessageStore store = openWithLease();
        store.beginLease(OTHER, LEASE);
        store.beginLease(THIRD, LEASE);
        store.append(OTHER, List.of(join(A, ANN)));
        store.append(THIRD, List.of(join(A, ANN), join(A, BOB)));
        append(store, join(A, BOB));
        List<Outcome> outcomes = new ArrayList<>();
        for (Appended step = store.expireNodes(NODE, true); step != null; step = store.expireNodes(NODE, true)) {
            outcomes.addAll(step.outcomes());
        }
        assertThat(outcomes.stream().filter(o -> o instanceof Outcome.Placed)).hasSize(1);
        assertThat(nicks(store)).containsExactly("bob");
    }

    @Test
    default void aNodeWithoutALeaseStoresNoParticipants() {
        MessageStore store = open();
        assertThat(append(store, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(store.participants(A)).isEmpty();
        assertThat(store.renewLease(NODE, LEASE)).isFalse();
        assertThat(append(store, Draft.of(A, "but messages"))).isInstanceOf(Outcome.Placed.class);
    }

    /** The node was frozen for longer than its lease. */
    @Test
    default void anExpiredNodeThatContinuesChangesNothing() {
        MessageStore store = openWithLease();
        store.append(NODE, List.of(join(A, ANN), join(A, BOB)));
        clock().advance(LEASE);
        assertThat(expireAll(store, OTHER)).isEqualTo(2);
        assertThat(append(store, join(A, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(store, join(B, ANN))).isEqualTo(new Outcome.Unchanged());
        assertThat(append(store, leave(A, BOB))).isEqualTo(new Outcome.Unchanged());
        assertThat(nicks(store)).isEmpty();
        assertThat(store.participants(B)).isEmpty();

        assertThat(store.renewLease(NODE, LEASE)).isFalse();
        store.beginLease(THIRD, LEASE);
        assertThat(append(store, THIRD, join(A, ANN))).isInstanceOf(Outcome.Placed.class);
        assertThat(nicks(store)).containsExactly("ann");
    }

    /** More participants leave than one step takes. None leaves twice, although the node wakes up in the middle. */
    @Test
    default void manyParticipantsLeaveOnce() {
        MessageStore store = openWithLease();
        int many = 2_300;
        store.append(
                NODE,
                IntStream.range(0, many)
                        .mapToObj(i -> join(i % 2 == 0 ? A : B, new Nick("n" + i)))
                        .toList());
        clock().advance(LEASE);
        assertThat(store.expireNodes(OTHER, false)).isNotNull();
        assertThat(store.renewLease(NODE, LEASE)).as("it is half gone").isFalse();
        append(store, join(A, ANN));
        expireAll(store, OTHER);
        assertThat(store.participants(A)).isEmpty();
        assertThat(store.participants(B)).isEmpty();
        assertThat(all(store, A, B)).hasSize(2 * many);
        assertThat(store.expireNodes(OTHER, false)).isNull();
    }

    @Test
    default void nodesThatExpireTheSameNodeConcurrentlyWriteOneLeavePerParticipant() throws Exception {
        MessageStore store = openWithLease();
        for (int round = 0; round < 10; round++) {
            UUID dying = new UUID(1, round);
            store.beginLease(dying, LEASE);
            store.append(dying, List.of(join(A, ANN), join(A, BOB)));
            clock().advance(LEASE);
            try (RaceContract.Crew crew = new RaceContract.Crew()) {
                CountDownLatch go = new CountDownLatch(1);
                List<Future<Integer>> nodes = IntStream.range(0, 4)
                        .mapToObj(node -> crew.start(() -> {
                            go.await();
                            return expireAll(store, new UUID(2, node));
                        }))
                        .toList();
                go.countDown();
                int leaves = 0;
                for (Future<Integer> node : nodes) {
                    leaves += node.get();
                }
                assertThat(leaves).isEqualTo(2);
            }
            assertThat(types(store)).hasSize(4 * (round + 1));
        }
    }

    /** If a renewal returns true, no other node expires the lease. */
    @Test
    default void aLeaseIsEitherRenewedOrExpired() throws Exception {
        MessageStore store = open();
        for (int round = 0; round < 20; round++) {
            UUID late = new UUID(1, round);
            store.beginLease(late, LEASE);
            append(store, late, join(A, ANN));
            clock().advance(LEASE);
            try (RaceContract.Crew crew = new RaceContract.Crew()) {
                Future<Integer> expired = crew.start(() -> expireAll(store, OTHER));
                boolean renewed = store.renewLease(late, LEASE);
                assertThat(expired.get()).isEqualTo(renewed ? 0 : 1);
                assertThat(nicks(store)).hasSize(renewed ? 1 : 0);
            }
            clock().advance(LEASE);
            expireAll(store, OTHER);
        }
    }

    private MessageStore openWithLease() {
        MessageStore store = open();
        store.beginLease(NODE, LEASE);
        return store;
    }

    /** Expires the nodes whose leases have ended, and returns the number of leaves. */
    private static int expireAll(MessageStore store, UUID node) {
        int leaves = 0;
        for (Appended step = store.expireNodes(node, false); step != null; step = store.expireNodes(node, false)) {
            leaves += (int) step.outcomes().stream()
                    .filter(o -> o instanceof Outcome.Placed)
                    .count();
        }
        return leaves;
    }

    private static List<String> nicks(MessageStore store) {
        return store.participants(A).stream().map(there -> there.nick().name()).toList();
    }

    private static List<Message.Type> types(MessageStore store) {
        return all(store, A).stream().map(Message::type).toList();
    }
}
