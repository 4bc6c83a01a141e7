package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the conditions of a run that make its figures doubtful. */
final class Findings {
    /** The utilization of a thread above which bytes wait until the thread reads them. */
    private static final double BUSY_THREAD = 0.85;

    private static final double BUSY_MACHINE = 0.92;
    /** The use of processors by other processes that is reported, in processors. */
    private static final double OTHERS = 0.3;
    /** A longer delay of sends is reported. */
    private static final double LATE_MILLIS = 5;

    private static final double LATE_SHARE = 0.2;
    private static final double ENOUGH = 0.95;

    private Findings() {}

    /** Returns the findings; empty when the figures describe the server alone. */
    static List<String> of(Result result, Machine machine, boolean isLocal) {
        List<String> findings = new ArrayList<>();
        delivered(result, findings);
        Result.Use use = result.use();
        if (use.busiestThread() > BUSY_THREAD) {
            add(
                    findings,
                    "The client is the bottleneck: its busiest thread ran %.0f %% of the time, and the latencies contain its own"
                            + " queue. Lower the rate, or run the client on another machine with --url.",
                    use.busiestThread() * 100);
        }
        double cores = use.clientCores() + use.serverCores().orElse(0);
        if (isLocal && cores > BUSY_MACHINE * machine.cores()) {
            add(
                    findings,
                    "Client and server used %.1f of the %d processors that they share (client %.1f, server %.1f): they"
                            + " waited for each other.",
                    cores,
                    machine.cores(),
                    use.clientCores(),
                    use.serverCores().orElse(0));
        }
        if (isLocal && use.otherCores() > OTHERS) {
            add(
                    findings,
                    "Other processes used %.1f of the %d processors during the run.",
                    use.otherCores(),
                    machine.cores());
        }
        late(result, findings);
        return findings;
    }

    private static void delivered(Result result, List<String> findings) {
        if (result.connectionsLost() > 0) {
            add(findings, "%,d of the readers' connections ended early.", result.connectionsLost());
        }
        if (result.lost() > 0) {
            add(findings, "%,d acknowledged messages did not arrive in time.", result.lost());
        }
        if (result.refused() > 0) {
            add(findings, "The server did not accept %,d of %,d publishes.", result.refused(), result.sent());
        }
        if (result.heldBack() > 0) {
            add(
                    findings,
                    "The server did not keep up with the publishers: %,d publishes waited for responses, and later ones for these.",
                    Publisher.MAX_IN_FLIGHT);
        }
        double asked = result.load().deliveriesPerSecond();
        if (result.deliveriesPerSecond() < ENOUGH * asked) {
            add(findings, "%,.0f deliveries a second were asked for, %,.0f came.", asked, result.deliveriesPerSecond());
        }
    }

    private static void late(Result result, List<String> findings) {
        double lag = Result.millis(result.sendLag(), 99);
        if (lag > LATE_MILLIS && lag > LATE_SHARE * result.millis(99)) {
            add(
                    findings,
                    "The client sent late: 1 %% of the messages by %s ms or more. Latencies count from when a message was"
                            + " due, so they include this delay.",
                    Figures.millis(lag));
        }
    }

    private static void add(List<String> findings, String format, Object... arguments) {
        findings.add(String.format(Locale.ROOT, format, arguments));
    }
}
