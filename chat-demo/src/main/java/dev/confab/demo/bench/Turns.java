package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures the transports in turn, so that a change of the machine's speed affects all of them. For one thread.
 *
 * @param rounds the number of turns of each transport
 */
record Turns(int rounds) {
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
        Map<Transport, List<Result>> results = new EnumMap<>(Transport.class);
        for (int round = 1; round <= rounds; round++) {
            for (Transport transport : transports) {
                results.computeIfAbsent(transport, none -> new ArrayList<>())
                        .add(measurement.measure(transport, round));
            }
        }
        return transports.stream()
                .map(transport -> new Rounds(transport, results.getOrDefault(transport, List.of())))
                .toList();
    }
}
