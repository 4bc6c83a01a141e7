package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Checks the order of the rounds and the medians, with simulated results instead of a server. */
final class TurnsTest {
    private static final Set<Transport> TWO = EnumSet.of(Transport.WEBSOCKET, Transport.SSE);

    private final List<String> measured = new ArrayList<>();

    @Test
    void transportsTakeTurns() throws InterruptedException {
        List<Rounds> results = new Turns(3).run(TWO, this::measure);
        assertThat(measured).containsExactly("websocket 1", "sse 1", "websocket 2", "sse 2", "websocket 3", "sse 3");
        assertThat(results).extracting(Rounds::transport).containsExactly(Transport.WEBSOCKET, Transport.SSE);
        assertThat(results).allSatisfy(rounds -> assertThat(rounds.results()).hasSize(3));
    }

    @Test
    void figureIsTheMedianOfTheRoundsAndACountIsTheirSum() throws InterruptedException {
        Rounds rounds =
                new Turns(3).run(EnumSet.of(Transport.SSE), this::measure).get(0);
        assertThat(rounds.spread(Result::deliveriesPerSecond)).isEqualTo(new Spread(200, 100, 300));
        assertThat(rounds.sum(Result::delivered)).isEqualTo(30);
    }

    @Test
    void missingValuesDoNotCount() {
        assertThat(Spread.of(DoubleStream.of(4, Double.NaN, 1, 2, 9))).isEqualTo(new Spread(3, 1, 9));
        assertThat(Spread.of(DoubleStream.of(Double.NaN))).isEqualTo(new Spread(Double.NaN, Double.NaN, Double.NaN));
    }

    @Test
    void secondsOfTheRoundsFollowOneAnother() throws InterruptedException {
        Rounds rounds =
                new Turns(2).run(EnumSet.of(Transport.SSE), this::measure).get(0);
        assertThat(rounds.seconds(Result::seconds))
                .extracting(Result.Second::end)
                .containsExactly(1.0, 2.0);
    }

    @Test
    void disturbedRoundIsMeasuredAgainAndDoesNotCount() throws InterruptedException {
        Rounds rounds = run(quiet(5), late(999), quiet(7), quiet(9));
        assertThat(measured).containsExactly("sse 1", "sse 2", "sse 2", "sse 3");
        assertThat(rounds.millis(50)).isEqualTo(new Spread(7.003, 5.003, 9.007));
        assertThat(Findings.of(rounds, Machine.here(), true))
                .contains("Round 2 was measured again: a thread that sleeps for 5 ms woke up 999 ms late.")
                .noneMatch(finding -> finding.startsWith("The machine was not quiet"));
    }

    @Test
    void machineThatIsNeverQuietIsReportedAfterTheLastRepetition() throws InterruptedException {
        Result stolen = Results.of(Transport.SSE, 10, 5, 0, Results.stalls(1, 0.08));
        Rounds rounds = run(stolen, stolen, stolen, stolen, quiet(5), stolen);
        assertThat(measured).containsExactly("sse 1", "sse 1", "sse 1", "sse 1", "sse 2", "sse 3");
        assertThat(Findings.of(rounds, Machine.here(), true))
                .contains(
                        "Round 1 was measured again: the hypervisor took 8.0 % of the processor time.",
                        "The machine was not quiet: round 1 counts, but the hypervisor took 8.0 % of the processor time.",
                        "The machine was not quiet: round 3 counts, but the hypervisor took 8.0 % of the processor time.");
    }

    @Test
    void lostMessageOfADisturbedRoundIsReported() throws InterruptedException {
        Result lossy = Results.of(Transport.SSE, 10, 5, 2, Results.stalls(999, 0));
        Rounds rounds = run(lossy, quiet(5), quiet(5), quiet(5));
        assertThat(rounds.isWhole()).isFalse();
        assertThat(rounds.faults(Result::lost)).isEqualTo(2);
        assertThat(rounds.sum(Result::delivered)).isEqualTo(30);
    }

    private Rounds run(Result... results) throws InterruptedException {
        return new Turns(3)
                .run(EnumSet.of(Transport.SSE), (transport, round) -> {
                    measured.add(transport + " " + round);
                    return results[measured.size() - 1];
                })
                .get(0);
    }

    private static Result quiet(int millis) {
        return Results.of(Transport.SSE, 10, millis);
    }

    private static Result late(int millis) {
        return Results.of(Transport.SSE, 10, millis, 0, Results.stalls(millis, 0));
    }

    private Result measure(Transport transport, int round) {
        measured.add(transport + " " + round);
        // The rounds are neither in rising nor in falling order.
        return Results.of(transport, round == 1 ? 20 : round == 2 ? 30 : 10, 5);
    }
}
