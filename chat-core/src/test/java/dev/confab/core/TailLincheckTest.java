package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Checks that a log follower, a tail and reads are linearizable: operations of several threads have the results that a
 * plain list would give if the operations ran one after another in some order.
 */
@Tag("lincheck")
class TailLincheckTest {
    @Test
    void operationsAreLinearizableInEveryInterleavingTried() {
        new ModelCheckingOptions()
                .iterations(2)
                .invocationsPerIteration(100)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .sequentialSpecification(PlainLog.class)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(TailLincheckTest::isAtomic)
                        .methods(method -> !method.equals("forEach"))
                        .ignore())
                .check(TailLog.class);
    }

    @Test
    void operationsAreLinearizableUnderStress() {
        new StressOptions()
                .iterations(3)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(3)
                .sequentialSpecification(PlainLog.class)
                .check(TailLog.class);
    }

    private static boolean isAtomic(String className) {
        return !className.matches("dev.confab.core.(Feed|Tail|LogFollower|Reads|TailLincheckTest)([.].*)?")
                && !className.matches("java.(lang.Runnable|util.function.*|util.concurrent.(atomic.*|Executor))");
    }

    /** The operations under test. Entries are identified by numbers, starting at 1. */
    @Param(name = "room", gen = IntGen.class, conf = "0:1")
    @Param(name = "after", gen = IntGen.class, conf = "0:4")
    public static class TailLog {
        private final ScriptedLog log = new ScriptedLog();
        private final ScriptedStore store = ScriptedStore.on(log);
        private final Tail tail = new Tail(log.start(), 1 << 20);
        private final LogFollower follower = new LogFollower(store, tail, new Revocations());
        private final Feed feed = new Feed(
                RoomSet.of(room(0), room(1)),
                Runnable::run,
                () -> {},
                tail,
                new Reads(store, tail, follower, Runnable::run));
        private final Object right = new Object();

        @Operation
        public int publish(@Param(name = "room") int room) {
            synchronized (right) {
                MessageStore.Appended appended = store.append(StoreCalls.NODE, List.of(Draft.of(room(room), "m")));
                follower.accept(appended, e -> {
                    throw e;
                });
                return number(appended.lastPlaced());
            }
        }

        @Operation
        public void lookForNews() {
            follower.catchUp(() -> {});
        }

        @Operation
        public int head() {
            return number(tail.head());
        }

        @Operation
        public List<Integer> read(@Param(name = "after") int after) {
            return numbers(feed.read(id(after), Limit.PAGE));
        }

        @Operation
        public List<Integer> load(@Param(name = "after") int after) {
            return numbers((Batch) feed.load(id(after), Limit.PAGE).join());
        }

        /** Returns the numbers of the entries, followed by the number at which the batch ends. */
        private static List<Integer> numbers(Batch batch) {
            List<Integer> numbers = new ArrayList<>();
            batch.entries().forEach(entry -> numbers.add(number(entry.id())));
            numbers.add(number(batch.to()));
            return numbers;
        }

        private MessageId id(int number) {
            return MessageId.of(log.start().time().toEpochMilli() + number, 0, 0);
        }

        private static int number(MessageId id) {
            return (int)
                    (id.time().toEpochMilli() - new ScriptedLog().start().time().toEpochMilli());
        }

        private static Room room(int number) {
            return new Room("r" + number);
        }
    }

    /** The sequential model. */
    @SuppressWarnings("unused") // by reflection
    public static class PlainLog {
        private int size;

        public int publish(int room) {
            size++;
            return size;
        }

        public void lookForNews() {}

        public int head() {
            return size;
        }

        public List<Integer> read(int after) {
            List<Integer> numbers = new ArrayList<>();
            for (int i = after + 1; i <= size; i++) {
                numbers.add(i);
            }
            numbers.add(Math.max(after, size));
            return numbers;
        }

        public List<Integer> load(int after) {
            return read(after);
        }
    }
}
