package dev.confab.demo.bench;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * A measured figure in the tables of a report.
 *
 * @param head the first line of the column's head
 * @param unit the second line of the head
 */
record Column(String head, String unit, ToDoubleFunction<Result> figure, DoubleFunction<String> format) {
    /** The columns of measured figures, behind the columns that count deliveries. */
    static final List<Column> ALL = List.of(
            latency("p50", 50),
            latency("p90", 90),
            latency("p99", 99),
            latency("p99.9", 99.9),
            latency("max", 100),
            new Column("stored", "p99 ms", result -> Result.millis(result.publishLatency(), 99), Figures::millis),
            new Column("deliveries", "a second", Result::deliveriesPerSecond, Figures::whole),
            new Column("server CPU", "µs each", result -> result.use().serverMicros(), Figures::known),
            new Column("bytes a", "delivery", Result::bytesOnTheWire, Figures::whole),
            new Column("heap a", "conn. KiB", result -> result.use().idle().heap(), Figures::kibibytes),
            new Column("RSS a", "conn. KiB", result -> result.use().idle().resident(), Figures::kibibytes));

    private static Column latency(String head, double percentile) {
        return new Column(head, "ms", result -> result.millis(percentile), Figures::millis);
    }

    String median(Rounds rounds) {
        return format.apply(rounds.spread(figure).median());
    }

    String least(Rounds rounds) {
        return format.apply(rounds.spread(figure).least());
    }

    String most(Rounds rounds) {
        return format.apply(rounds.spread(figure).most());
    }
}
