package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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
                    Figures.whole(result.sum(Result::lost)),
                    Figures.whole(result.sum(Result::doubled)),
                    Figures.whole(result.sum(Result::outOfOrder)));
            row(table, counts, column -> column.median(result));
            if (rounds > 1) {
                row(table, List.of("  least", "", "", "", ""), column -> column.least(result));
                row(table, List.of("  most", "", "", "", ""), column -> column.most(result));
            }
        }
        return table.toString();
    }

    private static void row(TextTable table, List<String> counts, Function<Column, String> figure) {
        List<String> cells = new ArrayList<>(counts);
        Column.ALL.stream().map(figure).forEach(cells::add);
        table.row(cells.toArray(String[]::new));
    }
}
