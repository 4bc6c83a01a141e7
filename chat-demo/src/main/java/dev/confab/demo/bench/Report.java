package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The report of a whole run.
 *
 * @param command the command as it was given, without passwords
 * @param log a description of where the messages were stored
 * @param load the load of the first round; the later rounds have a shorter warm-up
 * @param rounds the number of rounds of each transport
 */
record Report(
        String command,
        Machine machine,
        String log,
        int nodes,
        boolean isLocal,
        Load load,
        int rounds,
        List<Rounds> results) {
    List<String> findings(Rounds result) {
        return Findings.of(result, machine, isLocal);
    }

    /** Whether each reader received each acknowledged message once and in order. */
    boolean isWhole() {
        return results.stream().allMatch(Rounds::isWhole);
    }

    /** Returns a table for a terminal. A row of medians is followed by the range, unless there is one round. */
    String table() {
        TextTable table = new TextTable();
        row(table, List.of("", "", "", "", "out of"), Column::head);
        row(table, List.of("transport", "delivered", "lost", "doubled", "order"), Column::unit);
        for (Rounds result : results) {
            List<String> counts = List.of(
                    result.transport().label(),
                    Figures.whole(result.sum(Result::delivered)),
                    Figures.whole(result.faults(Result::lost)),
                    Figures.whole(result.faults(Result::doubled)),
                    Figures.whole(result.faults(Result::outOfOrder)));
            row(table, counts, column -> column.median(result));
            if (rounds > 1) {
                row(table, List.of("  least", "", "", "", ""), column -> column.least(result));
                row(table, List.of("  most", "", "", "", ""), column -> column.most(result));
            }
        }
        return table.toString();
    }

    /** Returns a sentence about the stalls of the machine in the rounds that count. */
    String stalls() {
        double late = most(each -> each.stalls().latestMillis());
        double stolen = most(each -> each.stalls().stolenShare());
        int repeated = results.stream().mapToInt(each -> each.repeated().size()).sum();
        return "A thread that sleeps for " + StallWatch.SLEEP_MILLIS + " ms woke up at most " + Figures.millis(late)
                + " ms late"
                + (Double.isNaN(stolen) ? "" : ", the hypervisor took at most " + Stalls.percent(stolen))
                + (repeated == 0 ? "" : ", rounds measured again: " + repeated) + ".";
    }

    private double most(ToDoubleFunction<Result> figure) {
        return Spread.of(
                        results.stream().mapToDouble(each -> each.spread(figure).most()))
                .most();
    }

    private static void row(TextTable table, List<String> counts, Function<Column, String> figure) {
        List<String> cells = new ArrayList<>(counts);
        Column.ALL.stream().map(figure).forEach(cells::add);
        table.row(cells.toArray(String[]::new));
    }
}
