package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A line chart as SVG. The style sheet of the page sets the colours: each series has the class of its transport.
 *
 * @param name the name of the chart for screen readers
 * @param x the horizontal axis
 * @param y the vertical axis
 */
record LineChart(String name, Axis x, Axis y, List<Series> series) {
    private static final int TOP = 12;
    private static final int BOTTOM = 30;
    private static final int LEFT = 58;
    private static final int LINE = 15;
    private static final int NAMES = 84;
    private static final int HIT = 9;

    /**
     * One line.
     *
     * @param kind the class in the style sheet
     */
    record Series(String kind, String label, List<Point> points) {}

    /** @param tip the text that is shown when the mouse points at the point, or empty */
    record Point(double x, double y, String tip) {}

    /**
     * An axis from {@code from} to {@code to}.
     *
     * @param label returns the label for the value of a tick
     */
    record Axis(double from, double to, boolean isLogarithmic, List<Double> ticks, DoubleFunction<String> label) {
        static Axis linear(double to, int most, DoubleFunction<String> label) {
            double end = Math.max(to, 1e-9);
            double step = Math.pow(10, Math.floor(Math.log10(end / most)));
            for (int factor : new int[] {1, 2, 5, 10}) {
                if (end / (step * factor) <= most) {
                    step *= factor;
                    break;
                }
            }
            List<Double> ticks = new ArrayList<>();
            for (int i = 0; i * step <= end * 1.0001; i++) {
                ticks.add(i * step);
            }
            return new Axis(0, end, false, ticks, label);
        }

        /**
         * Returns an axis that starts at a round value below {@code least} and ends at a round value above
         * {@code most}.
         */
        static Axis logarithmic(double least, double most, DoubleFunction<String> label) {
            double from = floor(least);
            double to = Math.max(ceiling(most), from * 10);
            boolean isWide = to / from > 150;
            List<Double> ticks = new ArrayList<>();
            for (double decade = Math.pow(10, Math.floor(Math.log10(from) + 1e-9));
                    decade <= to * 1.001;
                    decade *= 10) {
                for (int factor : isWide ? new int[] {1} : new int[] {1, 2, 5}) {
                    double tick = decade * factor;
                    if (tick >= from * 0.999 && tick <= to * 1.001) {
                        ticks.add(tick);
                    }
                }
            }
            return new Axis(from, to, true, ticks, label);
        }

        private static double floor(double value) {
            double decade = Math.pow(10, Math.floor(Math.log10(value)));
            return value >= 5 * decade ? 5 * decade : value >= 2 * decade ? 2 * decade : decade;
        }

        private static double ceiling(double value) {
            double decade = Math.pow(10, Math.floor(Math.log10(value)));
            return value <= decade
                    ? decade
                    : value <= 2 * decade ? 2 * decade : value <= 5 * decade ? 5 * decade : 10 * decade;
        }

        /** Returns the place of a value on the axis: 0 at the start, 1 at the end. */
        private double place(double value) {
            return isLogarithmic
                    ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
                    : (value - from) / (to - from);
        }
    }

    /**
     * Draws the chart.
     *
     * @param kind the style sheet class of the picture
     * @param hasNames whether there is room for the names at the ends of the lines
     */
    String svg(String kind, int width, int height, boolean hasNames) {
        return new Drawing(width, height, hasNames).draw(kind);
    }

    private final class Drawing {
        private final StringBuilder out = new StringBuilder();
        private final int width;
        private final int height;
        private final boolean hasNames;
        private final int right;

        Drawing(int width, int height, boolean hasNames) {
            this.width = width;
            this.height = height;
            this.hasNames = hasNames;
            this.right = hasNames ? width - NAMES : width - 28;
        }

        String draw(String kind) {
            add(String.format(
                    Locale.ROOT,
                    "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                    kind,
                    width,
                    height,
                    name));
            for (double tick : y.ticks()) {
                double at = vertical(tick);
                add(String.format(
                        Locale.ROOT,
                        "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                        LEFT,
                        right,
                        at,
                        at));
                add(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                        LEFT - 8,
                        at + 4,
                        y.label().apply(tick)));
            }
            for (double tick : x.ticks()) {
                double at = horizontal(tick);
                add(String.format(
                        Locale.ROOT,
                        "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
                        at,
                        at,
                        height - BOTTOM,
                        height - BOTTOM + 4));
                add(String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                        at,
                        height - BOTTOM + 19,
                        x.label().apply(tick)));
            }
            add(String.format(
                    Locale.ROOT,
                    "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
                    LEFT,
                    right,
                    height - BOTTOM,
                    height - BOTTOM));
            series.forEach(this::line);
            if (hasNames) {
                names();
            }
            return out.append("</svg>").toString();
        }

        private void line(Series line) {
            add(String.format(Locale.ROOT, "<g class=\"%s\">", line.kind()));
            StringBuilder path = new StringBuilder();
            for (Point point : line.points()) {
                path.append(String.format(
                        Locale.ROOT,
                        "%s%.1f %.1f",
                        path.length() == 0 ? "M" : "L",
                        horizontal(point.x()),
                        vertical(point.y())));
            }
            add(String.format(Locale.ROOT, "<path class=\"curve\" d=\"%s\"/>", path));
            if (line.points().size() == 1) {
                Point only = line.points().get(0);
                add(String.format(
                        Locale.ROOT,
                        "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
                        horizontal(only.x()),
                        vertical(only.y())));
            }
            for (Point point : line.points()) {
                if (!point.tip().isEmpty()) {
                    add(String.format(
                            Locale.ROOT,
                            "<circle class=\"hit\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"><title>%s</title></circle>",
                            horizontal(point.x()),
                            vertical(point.y()),
                            HIT,
                            point.tip()));
                }
            }
            out.append("</g>");
        }

        /** Writes the names at the ends of the lines, without overlaps. */
        private void names() {
            List<Series> byHeight = series.stream()
                    .filter(line -> !line.points().isEmpty())
                    .sorted(Comparator.comparingDouble(
                            line -> vertical(last(line).y())))
                    .toList();
            double[] places = byHeight.stream()
                    .mapToDouble(line -> vertical(last(line).y()) + 4)
                    .toArray();
            for (int i = 1; i < places.length; i++) {
                places[i] = Math.max(places[i], places[i - 1] + LINE);
            }
            double lowest = height - BOTTOM;
            for (int i = places.length - 1; i >= 0; i--) {
                places[i] = Math.min(places[i], lowest);
                lowest = places[i] - LINE;
            }
            double end = byHeight.stream()
                    .mapToDouble(line -> horizontal(last(line).x()))
                    .max()
                    .orElse(right);
            for (int i = 0; i < places.length; i++) {
                add(String.format(
                        Locale.ROOT,
                        "<text class=\"name %s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
                        byHeight.get(i).kind(),
                        end + 8,
                        places[i],
                        byHeight.get(i).label()));
            }
        }

        private Point last(Series line) {
            return line.points().get(line.points().size() - 1);
        }

        private double horizontal(double value) {
            return LEFT + x.place(value) * (right - LEFT);
        }

        private double vertical(double value) {
            return height - BOTTOM - y.place(value) * (height - BOTTOM - TOP);
        }

        private void add(String text) {
            out.append(text);
        }
    }
}
