package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The results of one transport, in the order in which its rounds were measured.
 *
 * @param results the rounds that count
 * @param repeated the results that do not count, because a stall disturbed the round and the round was measured again
 */
record Rounds(Transport transport, List<Result> results, List<Repeated> repeated) {
    /**
     * A result that does not count.
     *
     * @param round the number of the round, from 1
     */
    record Repeated(int round, Result result) {}

    /** Returns a single result. */
    static Rounds of(Result result) {
        return new Rounds(result.transport(), List.of(result), List.of());
    }

    Load load() {
        return results.get(0).load();
    }

    Spread spread(ToDoubleFunction<Result> figure) {
        return Spread.of(results.stream().mapToDouble(figure));
    }

    /** Returns the spread of the latency at a percentile, in milliseconds. */
    Spread millis(double percentile) {
        return spread(result -> result.millis(percentile));
    }

    long sum(ToLongFunction<Result> count) {
        return results.stream().mapToLong(count).sum();
    }

    /** Returns the number of faults in all rounds. A stall of the machine excuses a delay, but no fault. */
    long faults(ToLongFunction<Result> count) {
        return sum(count)
                + repeated.stream().map(Repeated::result).mapToLong(count).sum();
    }

    /**
     * Returns the seconds of all rounds, as if each round began at the end of the previous round.
     *
     * @param part selects seconds of a round
     */
    List<Result.Second> seconds(Function<Result, List<Result.Second>> part) {
        List<Result.Second> all = new ArrayList<>();
        for (Result result : results) {
            double start = all.isEmpty() ? 0 : all.get(all.size() - 1).end();
            part.apply(result).forEach(second -> all.add(second.after(start)));
        }
        return all;
    }

    /** Whether each reader received each acknowledged message once and in order. */
    boolean isWhole() {
        return faults(Result::lost) + faults(Result::doubled) + faults(Result::outOfOrder) == 0;
    }
}
