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

/** However threads that commit, read pages and wake interleave: a reader gets each entry once, and all of them. */
@Tag("lincheck")
class SubscriptionLincheckTest {
    private static final RoomSet ROOMS = RoomSet.of(new Room("a"));

    @Test
    void aPageThatComesWhileAnotherThreadCommits() {
        model(scenario(Reader.class, "toggle publish publish toggle", "publish", "page page"))
                .check(Reader.class);
    }

    @Test
    void aReaderThatBecomesReadyWhileAnotherThreadCommits() {
        model(scenario(Reader.class, "toggle", "publish", "toggle")).check(Reader.class);
    }

    @Test
    void aWakeUpThatRunsWhileAnotherThreadCommits() {
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

    /** Threads are switched in the code that is in question, not in collections and values: else nothing else is ever tried. */
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

    /** As ManualExecutor, and threads are switched in its tasks. */
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
                // It did.
            }
        }
    }

    /** A log, and a tail of its newest entry: whoever is two behind has to load. */
    public abstract static class Node {
        /** The right to append; who reads does not wait for it. */
        final Object right = new Object();

        final ScriptedLog log = new ScriptedLog();
        final Tail tail;
        final Tasks pages = new Tasks();
        final Reads reads;

        Node(long bytes) {
            tail = new Tail(log.start(), bytes);
            ScriptedStore store = ScriptedStore.on(log);
            reads = new Reads(store, tail, new LogFollower(store, tail), pages);
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

    /** A reader that is called on the threads that wake it. */
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

        /** A thread that reads from the store does one of its tasks. */
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
            // No wake-up of the test's for who is ready: its own has to have come.
            if (!ears.ready) {
                toggle();
            }
            pages.runAll();
            expect(ears.heard);
        }
    }

    /** A reader as a fan-out has it: woken by commits alone, it moves to where a batch ends, empty or not. */
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

        /** The event loop does one of its tasks; it is one thread. */
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
            // No wake-up of the test's: that one comes after each commit is what is tested.
            loop.runAll();
            expect(heard);
        }
    }

    /** Remembers ids; a batch that does not continue is remembered as an id that no entry has. */
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
