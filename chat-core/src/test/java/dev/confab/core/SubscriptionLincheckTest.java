package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Checks that a reader gets all entries, and each only once, in every interleaving of threads that commit, read pages
 * and wake readers.
 */
@Tag("lincheck")
class SubscriptionLincheckTest {
    private static final RoomSet ROOMS = RoomSet.of(new Room("a"));

    @Test
    void aPageArrivesWhileAnotherThreadCommits() {
        model(scenario(Reader.class, "toggle publish publish toggle", "publish", "page page"))
                .check(Reader.class);
    }

    @Test
    void aReaderBecomesReadyWhileAnotherThreadCommits() {
        model(scenario(Reader.class, "toggle", "publish", "toggle")).check(Reader.class);
    }

    @Test
    void aWakeUpRunsWhileAnotherThreadCommits() {
        model(scenario(Group.class, "publish", "publish publish", "turn turn")).check(Group.class);
    }

    private static ModelCheckingOptions model(ExecutionScenario scenario) {
        return new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(200)
                .minimizeFailedScenario(false)
                .addCustomScenario(scenario)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(SubscriptionLincheckTest::isAtomic)
                        .methods(method -> !method.equals("forEach"))
                        .ignore());
    }

    /**
     * Whether the model checker treats the class as atomic. It switches threads only in the code under test; with
     * switches in collections and values too, the tried interleavings would contain hardly any other switches.
     */
    private static boolean isAtomic(String className) {
        return !className.matches(
                        "dev.confab.core.(Feed|Subscription|Subscriber|Tail|SubscriptionLincheckTest)([.].*)?")
                && !className.matches("java.(lang.Runnable|util.function.*|util.concurrent.(atomic.*|Executor))");
    }

    private static ExecutionScenario scenario(Class<?> node, String before, String one, String other) {
        return new ExecutionScenario(
                actors(node, before),
                List.of(actors(node, one), actors(node, other)),
                List.of(),
                actors(node, "allOnce").get(0));
    }

    private static List<Actor> actors(Class<?> node, String names) {
        return Stream.of(names.split(" ")).map(name -> actor(node, name)).toList();
    }

    private static Actor actor(Class<?> node, String name) {
        try {
            return new Actor(node.getMethod(name), List.of());
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    /** Works like {@link ManualExecutor}, but the model checker can switch threads within its tasks. */
    private static final class Tasks implements Executor {
        private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();

        @Override
        public void execute(Runnable task) {
            queue.add(task);
        }

        boolean runOne() {
            Runnable task = queue.poll();
            if (task != null) {
                task.run();
            }
            return task != null;
        }

        void runAll() {
            while (runOne()) {
                // The condition runs the task.
            }
        }
    }

    /**
     * A log and a tail. With a tail that holds only the newest entry, a reader two entries behind has to load a page.
     */
    public abstract static class Node {
        /** The append lock. Readers do not wait for it. */
        final Object right = new Object();

        final ScriptedLog log = new ScriptedLog();
        final Tail tail;
        final Tasks pages = new Tasks();
        final Reads reads;

        Node(long bytes) {
            tail = new Tail(log.start(), bytes);
            ScriptedStore store = ScriptedStore.on(log);
            reads = new Reads(store, tail, new LogFollower(store, tail, new Revocations()), pages);
        }

        Feed feed(Executor executor, Runnable wake) {
            Feed feed = new Feed(ROOMS, executor, wake, tail, reads);
            tail.add(feed);
            return feed;
        }

        void commit() {
            synchronized (right) {
                tail.append(List.of(log.appendEntry(ROOMS.rooms().get(0))), Map.of());
            }
        }

        void expect(List<MessageId> heard) {
            List<MessageId> all = log.entries().stream().map(Message::id).toList();
            if (!all.equals(heard)) {
                throw new IllegalStateException("heard " + heard + " of " + all);
            }
        }
    }

    /** A reader whose calls run on the threads that wake it. */
    public static class Reader extends Node {
        private final Ears ears = new Ears(log.start());
        private final Subscription subscription;

        public Reader() {
            super(1);
            subscription = new Subscription(
                    Position.at(log.start()),
                    Runnable::run,
                    ears,
                    wake -> feed(Runnable::run, wake),
                    Runnable::run,
                    closed -> {});
            subscription.start();
        }

        @Operation(nonParallelGroup = "commits")
        public void publish() {
            commit();
        }

        /** Runs one task of the thread that reads from the store. */
        @Operation
        public void page() {
            pages.runOne();
        }

        @Operation
        public void toggle() {
            ears.ready = !ears.ready;
            subscription.resume();
        }

        @Validate
        public void allOnce() {
            // The test does not wake a reader that is ready: the subscription must already have woken it.
            if (!ears.ready) {
                toggle();
            }
            pages.runAll();
            expect(ears.heard);
        }
    }

    /** A reader as in a fan-out: only commits wake it, and it moves to the end of every batch, even an empty batch. */
    public static class Group extends Node {
        private final List<MessageId> heard = new ArrayList<>();
        private final Feed feed;
        private final Tasks loop = new Tasks();
        private MessageId position = log.start();

        public Group() {
            super(1 << 20);
            feed = feed(loop, this::poll);
        }

        @Operation(nonParallelGroup = "commits")
        public void publish() {
            commit();
        }

        /** Runs one task of the event loop, which has a single thread. */
        @Operation(nonParallelGroup = "loop")
        public void turn() {
            loop.runOne();
        }

        private void poll() {
            Batch batch = feed.read(position, Limit.WRITE);
            while (!batch.isEmpty()) {
                batch.entries().forEach(entry -> heard.add(entry.id()));
                position = batch.to();
                batch = feed.read(position, Limit.WRITE);
            }
            position = batch.to();
        }

        @Validate
        public void allOnce() {
            // The test does not wake the reader: it checks that every commit does.
            loop.runAll();
            expect(heard);
        }
    }

    /**
     * A subscriber that records the ids of entries. For a batch that does not continue at the position, or for a gap,
     * it records an id that no entry has.
     */
    private static final class Ears implements Subscriber {
        final List<MessageId> heard = new ArrayList<>();
        volatile boolean ready = true;
        private MessageId position;

        Ears(MessageId start) {
            position = start;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void onBatch(Batch batch) {
            if (!batch.from().equals(position)) {
                heard.add(MessageId.MIN);
            }
            batch.entries().forEach(entry -> heard.add(entry.id()));
            position = batch.to();
        }

        @Override
        public void onGap(Gap gap) {
            heard.add(MessageId.MAX);
        }
    }
}
