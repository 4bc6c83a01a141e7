package dev.confab.demo.bench;

import java.util.stream.DoubleStream;

/** The median of a figure over several rounds, and its range. Each is NaN when no round has the figure. */
record Spread(double median, double least, double most) {
    /** @param values the values of the rounds; NaN stands for a missing value */
    static Spread of(DoubleStream values) {
        double[] sorted = values.filter(value -> !Double.isNaN(value)).sorted().toArray();
        int count = sorted.length;
        return count == 0
                ? new Spread(Double.NaN, Double.NaN, Double.NaN)
                : new Spread((sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0], sorted[count - 1]);
    }
}
