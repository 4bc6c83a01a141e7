package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The results of one transport, in the order in which its rounds were measured. */
record Rounds(Transport transport, List<Result> results) {
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
        return results.stream().allMatch(Result::isWhole);
    }
}
