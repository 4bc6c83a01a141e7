package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Measures the transports in turn, so that a change of the machine's speed affects all of them. A round that a stall of
 * the machine disturbed is measured again. For one thread.
 *
 * @param rounds the number of turns of each transport
 */
record Turns(int rounds) {
    /** The number of disturbed rounds of a transport that are measured again. */
    static final int MAX_REPEATS = 3;

    private static final int MAX_ROUNDS = 100;

    Turns {
        if (rounds < 1 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("--rounds: " + rounds + " (expected: 1 to " + MAX_ROUNDS + ")");
        }
    }

    /** Measures one turn of a transport. */
    interface Measurement {
        /** @param round the number of the turn, from 1 */
        Result measure(Transport transport, int round) throws InterruptedException;
    }

    /** Returns the rounds of each transport, in the order of the set. */
    List<Rounds> run(Set<Transport> transports, Measurement measurement) throws InterruptedException {
        List<Rounds> all = transports.stream()
                .map(transport -> new Rounds(transport, new ArrayList<>(), new ArrayList<>()))
                .toList();
        for (int round = 1; round <= rounds; round++) {
            for (Rounds each : all) {
                Result result = measurement.measure(each.transport(), round);
                while (result.stalls().disturbance().isPresent()
                        && each.repeated().size() < MAX_REPEATS) {
                    each.repeated().add(new Rounds.Repeated(round, result));
                    result = measurement.measure(each.transport(), round);
                }
                each.results().add(result);
            }
        }
        return all;
    }
}
