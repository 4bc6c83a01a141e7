package dev.confab.demo.bench;

import java.util.List;

/**
 * The report of a whole run.
 *
 * @param command the command as it was given, without passwords
 * @param log a description of where the messages were stored
 */
record Report(
        String command, Machine machine, String log, int nodes, boolean isLocal, Load load, List<Result> results) {
    List<String> findings(Result result) {
        return Findings.of(result, machine, isLocal);
    }

    /** Returns a table for a terminal. */
    String table() {
        TextTable table = new TextTable()
                .row(
                        "",
                        "",
                        "",
                        "",
                        "out of",
                        "p50",
                        "p90",
                        "p99",
                        "p99.9",
                        "max",
                        "deliveries",
                        "server CPU",
                        "bytes a",
                        "heap a",
                        "RSS a")
                .row(
                        "transport",
                        "delivered",
                        "lost",
                        "doubled",
                        "order",
                        "ms",
                        "ms",
                        "ms",
                        "ms",
                        "ms",
                        "a second",
                        "µs each",
                        "delivery",
                        "conn. KiB",
                        "conn. KiB");
        for (Result result : results) {
            table.row(
                    result.transport().label(),
                    Figures.whole(result.delivered()),
                    Figures.whole(result.lost()),
                    Figures.whole(result.doubled()),
                    Figures.whole(result.outOfOrder()),
                    Figures.millis(result.millis(50)),
                    Figures.millis(result.millis(90)),
                    Figures.millis(result.millis(99)),
                    Figures.millis(result.millis(99.9)),
                    Figures.millis(result.millis(100)),
                    Figures.whole(result.deliveriesPerSecond()),
                    Figures.rounded(result.use().serverMicros()),
                    Figures.whole(result.bytesOnTheWire()),
                    Figures.kibibytes(result.use().idleHeap()),
                    Figures.kibibytes(result.use().idleResident()));
        }
        return table.toString();
    }
}
