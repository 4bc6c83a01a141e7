package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

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
    static List<String> of(Rounds rounds, Machine machine, boolean isLocal) {
        List<String> findings = new ArrayList<>();
        stalls(rounds, findings);
        delivered(rounds, findings);
        busy(rounds, machine, isLocal, findings);
        late(rounds, findings);
        return findings;
    }

    private static void stalls(Rounds rounds, List<String> findings) {
        for (Rounds.Repeated repeated : rounds.repeated()) {
            repeated.result()
                    .stalls()
                    .disturbance()
                    .ifPresent(reason -> add(findings, "Round %d was measured again: %s.", repeated.round(), reason));
        }
        for (int i = 0; i < rounds.results().size(); i++) {
            int round = i + 1;
            rounds.results()
                    .get(i)
                    .stalls()
                    .disturbance()
                    .ifPresent(reason ->
                            add(findings, "The machine was not quiet: round %d counts, but %s.", round, reason));
        }
    }

    private static void delivered(Rounds rounds, List<String> findings) {
        long connectionsLost = rounds.faults(Result::connectionsLost);
        if (connectionsLost > 0) {
            add(findings, "%,d of the readers' connections ended early.", connectionsLost);
        }
        long lost = rounds.faults(Result::lost);
        if (lost > 0) {
            add(findings, "%,d acknowledged messages did not arrive in time.", lost);
        }
        long refused = rounds.sum(Result::refused);
        if (refused > 0) {
            add(findings, "The server did not accept %,d of %,d publishes.", refused, rounds.sum(Result::sent));
        }
        if (rounds.sum(Result::heldBack) > 0) {
            add(
                    findings,
                    "The server did not keep up with the publishers: %,d publishes waited for responses, and later ones for these.",
                    Publisher.MAX_IN_FLIGHT);
        }
        double asked = rounds.load().deliveriesPerSecond();
        double came = rounds.spread(Result::deliveriesPerSecond).median();
        if (came < ENOUGH * asked) {
            add(findings, "%,.0f deliveries a second were asked for, %,.0f came.", asked, came);
        }
    }

    private static void busy(Rounds rounds, Machine machine, boolean isLocal, List<String> findings) {
        double busiestThread = median(rounds, Result.Use::busiestThread);
        if (busiestThread > BUSY_THREAD) {
            add(
                    findings,
                    "The client is the bottleneck: its busiest thread ran %.0f %% of the time, and the latencies contain its own"
                            + " queue. Lower the rate, or run the client on another machine with --url.",
                    busiestThread * 100);
        }
        double client = median(rounds, Result.Use::clientCores);
        double server = median(rounds, Result.Use::serverCores);
        // The comparison is false when the use of the server is not available.
        if (isLocal && client + server > BUSY_MACHINE * machine.cores()) {
            add(
                    findings,
                    "Client and server used %.1f of the %d processors that they share (client %.1f, server %.1f): they"
                            + " waited for each other.",
                    client + server,
                    machine.cores(),
                    client,
                    server);
        }
        double others = median(rounds, Result.Use::otherCores);
        if (isLocal && others > OTHERS) {
            add(findings, "Other processes used %.1f of the %d processors during the run.", others, machine.cores());
        }
    }

    private static double median(Rounds rounds, ToDoubleFunction<Result.Use> figure) {
        return rounds.spread(result -> figure.applyAsDouble(result.use())).median();
    }

    private static void late(Rounds rounds, List<String> findings) {
        double lag =
                rounds.spread(result -> Result.millis(result.sendLag(), 99)).median();
        if (lag > LATE_MILLIS && lag > LATE_SHARE * rounds.millis(99).median()) {
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
