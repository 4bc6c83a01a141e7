package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Batches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
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
import org.openjdk.jmh.annotations.Warmup;

/** What a transport makes of a batch, once for all of its readers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class EncodeBenchmark {
    @Param({"1", "16"})
    int entries;

    private final Encoder encoder;
    private Batch batch;

    protected EncodeBenchmark(Encoder encoder) {
        this.encoder = encoder;
    }

    @Setup(Level.Trial)
    public void make() {
        batch = Batches.of(entries, "x".repeat(100));
    }

    @Benchmark
    public int encode() {
        ByteBuf encoded = encoder.encode(batch, PooledByteBufAllocator.DEFAULT);
        int length = encoded.readableBytes();
        encoded.release();
        return length;
    }
}
