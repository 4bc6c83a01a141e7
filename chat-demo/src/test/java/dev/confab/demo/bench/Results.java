package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Simulated results of trials, for tests without a server. */
final class Results {
    private static final Load LOAD = new Load(10, 1, 1, 100, 1, Heads.PLAIN, 0, 1, 0);

    private Results() {}

    /**
     * Returns the result of one second without a fault.
     *
     * @param rate messages a second, each for ten readers
     * @param millis the latency of all messages
     */
    static Result of(Transport transport, double rate, int millis) {
        return of(transport, rate, millis, 0, stalls(1, 0));
    }

    static Stalls stalls(int latestMillis, double stolenShare) {
        Histogram late = new Histogram(Result.DIGITS);
        late.recordValue(latestMillis * 1_000L);
        return new Stalls(late, stolenShare);
    }

    static Result of(Transport transport, double rate, int millis, long lost, Stalls stalls) {
        Histogram latency = new Histogram(Result.DIGITS);
        latency.recordValue(millis * 1_000L);
        return new Result(
                transport,
                LOAD.at(rate, 0, 1),
                1,
                1,
                0,
                0,
                10,
                10,
                lost,
                0,
                0,
                0,
                rate * 10,
                latency,
                latency,
                latency,
                List.of(new Result.Second(1, rate * 10, millis, millis, millis)),
                new Result.Use(Double.NaN, Double.NaN, 0, 0, 0, 0, 0, IdleMemory.UNKNOWN),
                stalls);
    }
}
