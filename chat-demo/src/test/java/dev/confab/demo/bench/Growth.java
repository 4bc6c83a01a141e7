package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Estimates how much a figure grew over a time. Uses the median of the slopes between all pairs of samples (Theil and
 * Sen), so that single outliers hardly matter.
 */
final class Growth {
    private final List<double[]> samples = new ArrayList<>();

    void add(double seconds, double value) {
        samples.add(new double[] {seconds, value});
    }

    /** Returns the growth from the first sample to the last; 0 with fewer than two samples. */
    double overAll() {
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            for (int j = i + 1; j < samples.size(); j++) {
                double[] from = samples.get(i);
                double[] to = samples.get(j);
                slopes.add((to[1] - from[1]) / (to[0] - from[0]));
            }
        }
        if (slopes.isEmpty()) {
            return 0;
        }
        slopes.sort(null);
        double median = (slopes.get((slopes.size() - 1) / 2) + slopes.get(slopes.size() / 2)) / 2;
        return median * (samples.get(samples.size() - 1)[0] - samples.get(0)[0]);
    }
}
