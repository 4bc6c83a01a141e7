package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Estimates how much a figure grew over a time, when the figure may also rise and fall in a cycle. Compares only samples
 * that are whole cycles apart, so the phase of the cycle at the first and the last sample does not matter. Uses the
 * median of the slopes between such samples (Theil and Sen), so that single outliers hardly matter.
 */
final class Growth {
    /** Two samples count as whole cycles apart if the distance differs by at most this part of a cycle. */
    private static final double TOLERANCE = 0.05;

    private final double cycle;
    private final List<double[]> samples = new ArrayList<>();

    /** @param cycleSeconds the length of the cycle */
    Growth(double cycleSeconds) {
        this.cycle = cycleSeconds;
    }

    void add(double seconds, double value) {
        samples.add(new double[] {seconds, value});
    }

    /**
     * Returns the growth from the first sample to the last.
     *
     * @throws IllegalStateException when no two samples are a cycle apart
     */
    double overAll() {
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            for (int j = i + 1; j < samples.size(); j++) {
                double[] from = samples.get(i);
                double[] to = samples.get(j);
                double cycles = (to[0] - from[0]) / cycle;
                if (cycles > 0.5 && Math.abs(cycles - Math.rint(cycles)) <= TOLERANCE) {
                    slopes.add((to[1] - from[1]) / (to[0] - from[0]));
                }
            }
        }
        if (slopes.isEmpty()) {
            throw new IllegalStateException("samples: " + samples.size() + " (expected: two that are a cycle apart)");
        }
        slopes.sort(null);
        double median = (slopes.get((slopes.size() - 1) / 2) + slopes.get(slopes.size() / 2)) / 2;
        return median * (samples.get(samples.size() - 1)[0] - samples.get(0)[0]);
    }
}
