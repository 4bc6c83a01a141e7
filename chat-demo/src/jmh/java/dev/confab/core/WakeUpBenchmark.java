package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One message in memory, until each of so many feeds of its room was woken and has read it from the tail. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WakeUpBenchmark {
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);

    @Param({"1", "16", "256"})
    int feeds;

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final List<Awake> readers = new ArrayList<>();
    private ChatService chat;

    @Setup(Level.Trial)
    public void open() {
        chat = new ChatService(store, ChatConfig.defaults().withTailBytes(1 << 20));
        for (int i = 0; i < feeds; i++) {
            readers.add(new Awake(chat));
        }
    }

    @Benchmark
    public int wakeUp() {
        chat.publish(Draft.of(Room.LOBBY, "hello")).join();
        return readers.get(0).read;
    }

    @TearDown(Level.Trial)
    public void close() {
        chat.close();
        store.close();
    }

    /** Reads whenever it is woken, on the thread that wakes it. */
    private static final class Awake {
        private final Feed feed;
        private MessageId cursor;
        private int read;

        Awake(ChatService chat) {
            cursor = chat.head();
            feed = chat.feed(LOBBY, Runnable::run, this::wake);
            wake();
        }

        private void wake() {
            Batch batch = feed.read(cursor, Limit.WRITE);
            if (batch == null) {
                throw new IllegalStateException("behind the tail");
            }
            cursor = batch.to();
            read += batch.entries().size();
        }
    }
}
