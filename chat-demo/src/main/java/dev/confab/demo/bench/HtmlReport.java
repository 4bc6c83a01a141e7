package dev.confab.demo.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** A report as one self-contained HTML page, without scripts, other files or network access. */
final class HtmlReport {
    private static final String TEMPLATE = "/bench/report.html";
    /** The percentiles that are labelled on the axis. */
    private static final double[] NINES = {50, 90, 99, 99.9, 99.99};

    private static final double CURVE_STEP = 0.04;
    private static final double LEAST_MILLIS = 0.1;

    private final Report report;

    private HtmlReport(Report report) {
        this.report = report;
    }

    static String of(Report report) {
        return new HtmlReport(report).page();
    }

    private String page() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("title", report.results().size() == 1 ? "One transport, measured" : "The transports side by side");
        parts.put("lead", lead());
        parts.put("cards", each(this::card));
        parts.put("verdict", verdict());
        parts.put("percentiles", percentiles());
        parts.put("medians", timeLine("Median latency by second", Result.Second::p50));
        parts.put("tails", timeLine("99th percentile of the latency by second", Result.Second::p99));
        parts.put("asked", Figures.whole(report.load().deliveriesPerSecond()));
        parts.put("rates", rates());
        parts.put("table", table());
        parts.put("facts", facts());
        parts.put("command", escape(report.command()));
        String page = template();
        for (Map.Entry<String, String> part : parts.entrySet()) {
            page = page.replace("{{" + part.getKey() + "}}", part.getValue());
        }
        return page;
    }

    private static String template() {
        try (InputStream in = HtmlReport.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new IllegalStateException("Not on the class path: " + TEMPLATE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String each(java.util.function.Function<Result, String> part) {
        return report.results().stream().map(part).collect(Collectors.joining("\n"));
    }

    private String lead() {
        Load load = report.load();
        String rooms = load.rooms() == 1 ? "one room" : Figures.whole(load.rooms()) + " rooms";
        String nodes = report.nodes() == 1 ? "" : ", " + report.nodes() + " nodes";
        return escape(Figures.whole(load.subscribers()) + " subscribers in " + rooms + nodes + ", "
                + Figures.rate(load.rate()) + " messages of " + Figures.whole(load.payload()) + " bytes a second, "
                + load.seconds() + "\u00a0s after a warm-up of " + load.warmUpSeconds() + "\u00a0s. The log: "
                + report.log() + ".");
    }

    private String card(Result result) {
        return "<article class=\"panel card " + result.transport() + "\"><h2>"
                + result.transport().label()
                + "</h2><p class=\"big\">" + Figures.millis(result.millis(50)) + " <small>ms median</small></p><dl>"
                + term("p99", Figures.millis(result.millis(99)) + " ms")
                + term("deliveries", Figures.whole(result.deliveriesPerSecond()) + "/s")
                + term("CPU each", unit(result.use().serverMicros(), " µs"))
                + term("bytes each", Figures.whole(result.bytesOnTheWire())) + "</dl></article>";
    }

    private static String unit(OptionalDouble value, String unit) {
        return value.isPresent() ? Figures.rounded(value) + unit : Figures.NONE;
    }

    private static String term(String name, String value) {
        return "<dt>" + name + "</dt><dd>" + escape(value) + "</dd>";
    }

    private String verdict() {
        List<String> items = new ArrayList<>();
        for (Result result : report.results()) {
            for (String finding : report.findings(result)) {
                items.add("<li><b>" + result.transport().label() + ":</b> " + escape(finding) + "</li>");
            }
        }
        boolean isWhole = report.results().stream().allMatch(Result::isWhole);
        String order = isWhole ? "Every subscriber got every acknowledged message, once and in order." : "";
        return items.isEmpty()
                ? "<p class=\"verdict\">" + order + " The client kept to its schedule.</p>"
                : (isWhole ? "<p class=\"verdict\">" + order + "</p>\n" : "") + "<div class=\"verdict warn\"><ul>"
                        + String.join("", items) + "</ul></div>";
    }

    private String percentiles() {
        double end = 2;
        double least = Double.MAX_VALUE;
        double most = LEAST_MILLIS;
        List<LineChart.Series> lines = new ArrayList<>();
        for (Result result : report.results()) {
            List<LineChart.Point> points = new ArrayList<>();
            double reach = Math.min(
                    4, Math.log10(Math.max(10, (double) result.latency().getTotalCount())));
            for (int i = 0; i * CURVE_STEP <= reach; i++) {
                double percentile = 100 * (1 - Math.pow(10, -i * CURVE_STEP));
                points.add(point(result, percentile, ""));
            }
            for (double percentile : NINES) {
                if (nines(percentile) <= reach) {
                    points.add(point(result, percentile, "tip"));
                }
            }
            points.sort(java.util.Comparator.comparingDouble(LineChart.Point::x));
            points.removeIf(point -> Double.isNaN(point.y()));
            for (LineChart.Point point : points) {
                least = Math.min(least, point.y());
                most = Math.max(most, point.y());
            }
            end = Math.max(end, reach);
            lines.add(new LineChart.Series(
                    result.transport().toString(), result.transport().label(), points));
        }
        List<Double> ticks = new ArrayList<>();
        for (double percentile : NINES) {
            if (nines(percentile) <= end) {
                ticks.add(nines(percentile));
            }
        }
        LineChart.Axis x = new LineChart.Axis(0, end, false, ticks, HtmlReport::percentile);
        LineChart.Axis y =
                LineChart.Axis.logarithmic(Math.max(LEAST_MILLIS, Math.min(least, most)), most, HtmlReport::time);
        return draw(new LineChart("Latency by percentile", x, y, lines), 1036, 360);
    }

    private static LineChart.Point point(Result result, double percentile, String tip) {
        double millis = result.millis(percentile);
        String text = result.transport().label() + ": " + percentile(nines(percentile)) + " of deliveries within "
                + Figures.millis(millis) + " ms";
        return new LineChart.Point(nines(percentile), millis, tip.isEmpty() ? "" : text);
    }

    /**
     * Returns the number of nines of a percentile. On an axis of nines, each nine takes the same width. Otherwise all
     * relevant values would be at the right edge.
     */
    private static double nines(double percentile) {
        return -Math.log10(1 - percentile / 100);
    }

    private static String percentile(double nines) {
        double percentile = 100 * (1 - Math.pow(10, -nines));
        return String.format(Locale.ROOT, "%.3f", percentile)
                        .replaceFirst("\\.?0+$", "")
                        .replaceFirst("^$", "0") + " %";
    }

    private static String time(double millis) {
        return millis < 1_000
                ? String.format(Locale.ROOT, "%.2f", millis).replaceFirst("\\.?0+$", "") + " ms"
                : String.format(Locale.ROOT, "%.1f", millis / 1_000).replaceFirst("\\.?0+$", "") + " s";
    }

    private String timeLine(String name, ToDoubleFunction<Result.Second> figure) {
        double least = Double.MAX_VALUE;
        double most = LEAST_MILLIS;
        for (Result result : report.results()) {
            for (Result.Second second : shown(result)) {
                double value = figure.applyAsDouble(second);
                if (!Double.isNaN(value)) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                }
            }
        }
        LineChart.Axis y =
                LineChart.Axis.logarithmic(Math.max(LEAST_MILLIS, Math.min(least, most)), most, HtmlReport::time);
        return draw(new LineChart(name, seconds(), y, lines(figure, " ms")), 498, 260);
    }

    private String rates() {
        double most = report.results().stream()
                .flatMap(result -> shown(result).stream())
                .mapToDouble(Result.Second::deliveries)
                .max()
                .orElse(1);
        LineChart.Axis y = LineChart.Axis.linear(most * 1.05, 5, HtmlReport::count);
        return draw(
                new LineChart("Deliveries a second", seconds(), y, lines(Result.Second::deliveries, " a second")),
                1036,
                250);
    }

    private static String count(double value) {
        return value < 10_000 ? Figures.rate(value) : Figures.rate(value / 1_000) + "k";
    }

    /** Returns the seconds of a run without the last deliveries after its end, unless those took long. */
    private static List<Result.Second> shown(Result result) {
        int end = result.load().seconds();
        List<Result.Second> seconds = result.seconds();
        boolean isLong = seconds.size() > end + 2;
        return isLong ? seconds : seconds.subList(0, Math.min(end, seconds.size()));
    }

    private LineChart.Axis seconds() {
        double end = report.results().stream()
                .flatMap(result -> shown(result).stream())
                .mapToDouble(Result.Second::end)
                .max()
                .orElse(1);
        return LineChart.Axis.linear(end, 6, value -> Figures.rate(value) + " s");
    }

    private List<LineChart.Series> lines(ToDoubleFunction<Result.Second> figure, String unit) {
        List<LineChart.Series> lines = new ArrayList<>();
        for (Result result : report.results()) {
            List<LineChart.Point> points = new ArrayList<>();
            for (Result.Second second : shown(result)) {
                double value = figure.applyAsDouble(second);
                if (!Double.isNaN(value)) {
                    String tip = result.transport().label() + ", after " + Figures.rounded(second.end()) + " s: "
                            + Figures.rounded(value) + unit;
                    points.add(new LineChart.Point(second.end(), value, tip));
                }
            }
            lines.add(new LineChart.Series(
                    result.transport().toString(), result.transport().label(), points));
        }
        return lines;
    }

    /**
     * Draws a chart for a wide window and another for a narrow window. The letters of a single scaled picture would be
     * too small on a phone.
     */
    private String draw(LineChart chart, int width, int height) {
        String legend = each(result ->
                "<li class=\"" + result.transport() + "\">" + result.transport().label() + "</li>");
        boolean isFull = width > 700;
        return (isFull ? "<ul class=\"legend narrow\">" : "<ul class=\"legend\">") + legend + "</ul>"
                + chart.svg("wide", width, height, isFull) + chart.svg("narrow", 360, 250, false);
    }

    private String table() {
        StringBuilder rows = new StringBuilder("<table><thead><tr>");
        for (String head : List.of(
                "transport",
                "delivered",
                "lost",
                "doubled",
                "out of<br>order",
                "p50<br>ms",
                "p90<br>ms",
                "p99<br>ms",
                "p99.9<br>ms",
                "max<br>ms",
                "acknowledged<br>p99 ms",
                "deliveries<br>a second",
                "server CPU<br>µs each",
                "bytes<br>each",
                "heap KiB<br>a conn.",
                "RSS KiB<br>a conn.")) {
            rows.append("<th scope=\"col\">").append(head).append("</th>");
        }
        rows.append("</tr></thead><tbody>");
        report.results().forEach(result -> row(rows, result));
        return rows.append("</tbody></table>").toString();
    }

    private static void row(StringBuilder rows, Result result) {
        rows.append("<tr class=\"").append(result.transport()).append("\"><th scope=\"row\">");
        rows.append(result.transport().label())
                .append("</th><td>")
                .append(Figures.whole(result.delivered()))
                .append("</td>");
        for (long bad : new long[] {result.lost(), result.doubled(), result.outOfOrder()}) {
            rows.append(bad == 0 ? "<td>" : "<td class=\"bad\">")
                    .append(Figures.whole(bad))
                    .append("</td>");
        }
        for (String figure : List.of(
                Figures.millis(result.millis(50)),
                Figures.millis(result.millis(90)),
                Figures.millis(result.millis(99)),
                Figures.millis(result.millis(99.9)),
                Figures.millis(result.millis(100)),
                Figures.millis(Result.millis(result.publishLatency(), 99)),
                Figures.whole(result.deliveriesPerSecond()),
                Figures.rounded(result.use().serverMicros()),
                Figures.whole(result.bytesOnTheWire()),
                Figures.kibibytes(result.use().idleHeap()),
                Figures.kibibytes(result.use().idleResident()))) {
            rows.append("<td>").append(figure).append("</td>");
        }
        rows.append("</tr>");
    }

    private String facts() {
        Machine machine = report.machine();
        String where = report.isLocal() ? ", shared by client and server" : " (the client's)";
        return term("Processor", machine.processor() + ", " + machine.cores() + " processors" + where)
                + term("Memory", machine.memoryText())
                + term("System", machine.system())
                + term("Java", machine.java())
                + term("Date", machine.date().toString().replace('T', ' ').replace("Z", " UTC"))
                + term("Log", report.log());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
