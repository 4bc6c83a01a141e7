package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Messages to 1,000 readers on one event loop, down to the first handler of their pipelines, without a socket. The score is for
 * one delivery of one message.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {
    private static final int READERS = 1_000;
    private static final int MESSAGES = 16;
    private static final String TEXT = "x".repeat(100);

    private static final Encoder BODIES = (batch, allocator) -> {
        ByteBuf out = allocator.directBuffer(batch.entries().size() * 256);
        for (Entry entry : batch.entries()) {
            out.writeBytes(entry.json());
        }
        return out;
    };

    /** How many messages wait when the loop gets to run. */
    @Param({"1", "16"})
    int burst;

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private ManualIoEventLoop loop;
    private ChatService chat;
    private long deliveries;

    @Setup(Level.Trial)
    public void open() {
        loop = new ManualIoEventLoop(Thread.currentThread(), LocalIoHandler.newFactory());
        chat = new ChatService(store, ChatConfig.defaults().withTailBytes(1 << 20));
        FanOut<Reader> fanOut = new FanOut<>(chat, BODIES, FanOutConfig.defaults());
        for (int i = 0; i < READERS; i++) {
            LocalChannel channel = new LocalChannel();
            channel.unsafe().register(loop, channel.newPromise());
            loop.runNow();
            channel.pipeline().addLast(new Sink());
            fanOut.join(new Writer(channel), RoomSet.of(Room.LOBBY), chat.head());
        }
        run();
    }

    @Benchmark
    @OperationsPerInvocation(READERS * MESSAGES)
    public long deliver() {
        long before = deliveries;
        for (int i = 0; i < MESSAGES; i += burst) {
            for (int j = 0; j < burst; j++) {
                chat.publish(Draft.of(Room.LOBBY, TEXT)).join();
            }
            run();
        }
        if (deliveries - before != READERS * MESSAGES) {
            throw new IllegalStateException((deliveries - before) + " deliveries");
        }
        return deliveries;
    }

    private void run() {
        while (loop.runNow() > 0) {
            // It says how much it did.
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        chat.close();
        store.close();
    }

    private final class Writer extends Reader {
        Writer(Channel channel) {
            super(channel, null);
        }

        @Override
        protected void write(ByteBuf encoded, Batch batch) {
            deliveries += batch.entries().size();
            channel().writeAndFlush(encoded, channel().voidPromise());
        }

        @Override
        protected void gap(Gap gap) {
            throw new IllegalStateException(gap.toString());
        }
    }

    /** In place of a socket. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void flush(ChannelHandlerContext context) {}
    }
}
