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

    private Result measure(Transport transport, int round) {
        measured.add(transport + " " + round);
        // The rounds are neither in rising nor in falling order.
        return Results.of(transport, round == 1 ? 20 : round == 2 ? 30 : 10, 5);
    }
}
