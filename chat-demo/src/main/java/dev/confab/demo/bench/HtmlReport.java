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
import java.util.function.Function;
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
        parts.put("joined", report.rounds() == 1 ? "" : " The rounds follow one another.");
        parts.put(
                "figures",
                report.rounds() == 1
                        ? "Of one round"
                        : "The median of the rounds, and below it the range; delivered, lost, doubled and out of order are sums");
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

    private String each(Function<Rounds, String> part) {
        return report.results().stream().map(part).collect(Collectors.joining("\n"));
    }

    private String lead() {
        Load load = report.load();
        String rooms = load.rooms() == 1 ? "one room" : Figures.whole(load.rooms()) + " rooms";
        String length = load.seconds() + "\u00a0s after a warm-up of " + load.warmUpSeconds() + "\u00a0s";
        String rounds = report.rounds() == 1
                ? length
                : "the transports in turn, " + report.rounds() + " rounds of " + length + " before the first";
        String nodes = report.nodes() == 1 ? "" : ", " + report.nodes() + " nodes";
        return escape(Figures.whole(load.subscribers()) + " subscribers in " + rooms + nodes + ", "
                + Figures.rate(load.rate()) + " messages of " + Figures.whole(load.payload()) + " bytes a second, "
                + rounds + (load.heads() == Heads.BROWSER ? ", with the headers of a browser" : "")
                + ". The log: " + report.log() + ".");
    }

    private String card(Rounds result) {
        Spread cpu = result.spread(each -> each.use().serverMicros());
        return "<article class=\"panel card " + result.transport() + "\"><h2>"
                + result.transport().label()
                + "</h2><p class=\"big\">" + Figures.millis(result.millis(50).median())
                + " <small>ms median</small></p><dl>"
                + term("p99", Figures.millis(result.millis(99).median()) + " ms")
                + term(
                        "deliveries",
                        Figures.whole(result.spread(Result::deliveriesPerSecond).median()) + "/s")
                + term("CPU each", Figures.known(cpu.median()) + (Double.isNaN(cpu.median()) ? "" : " µs"))
                + term(
                        "bytes each",
                        Figures.whole(result.spread(Result::bytesOnTheWire).median()))
                + "</dl></article>";
    }

    private static String term(String name, String value) {
        return "<dt>" + name + "</dt><dd>" + escape(value) + "</dd>";
    }

    private String verdict() {
        List<String> items = new ArrayList<>();
        for (Rounds result : report.results()) {
            for (String finding : report.findings(result)) {
                items.add("<li><b>" + result.transport().label() + ":</b> " + escape(finding) + "</li>");
            }
        }
        String order = report.isWhole() ? "Every subscriber got every acknowledged message, once and in order." : "";
        return items.isEmpty()
                ? "<p class=\"verdict\">" + order + " The client kept to its schedule.</p>"
                : (report.isWhole() ? "<p class=\"verdict\">" + order + "</p>\n" : "")
                        + "<div class=\"verdict warn\"><ul>" + String.join("", items) + "</ul></div>";
    }

    private String percentiles() {
        double end = 2;
        double least = Double.MAX_VALUE;
        double most = LEAST_MILLIS;
        List<LineChart.Series> lines = new ArrayList<>();
        for (Rounds result : report.results()) {
            List<LineChart.Point> points = new ArrayList<>();
            double count = result.spread(each -> each.latency().getTotalCount()).median();
            double reach = Math.min(4, Math.log10(Math.max(10, count)));
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

    private static LineChart.Point point(Rounds result, double percentile, String tip) {
        double millis = result.millis(percentile).median();
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
        for (Rounds result : report.results()) {
            for (Result.Second second : result.seconds(HtmlReport::shown)) {
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
                .flatMap(result -> result.seconds(HtmlReport::shown).stream())
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
                .flatMap(result -> result.seconds(HtmlReport::shown).stream())
                .mapToDouble(Result.Second::end)
                .max()
                .orElse(1);
        return LineChart.Axis.linear(end, 6, value -> Figures.rate(value) + " s");
    }

    private List<LineChart.Series> lines(ToDoubleFunction<Result.Second> figure, String unit) {
        List<LineChart.Series> lines = new ArrayList<>();
        for (Rounds result : report.results()) {
            List<LineChart.Point> points = new ArrayList<>();
            for (Result.Second second : result.seconds(HtmlReport::shown)) {
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
        for (String head : List.of("transport", "delivered", "lost", "doubled", "out of<br>order")) {
            head(rows, head);
        }
        Column.ALL.forEach(column -> head(rows, column.head() + "<br>" + column.unit()));
        rows.append("</tr></thead><tbody>");
        report.results().forEach(result -> row(rows, result));
        return rows.append("</tbody></table>").toString();
    }

    private static void head(StringBuilder rows, String head) {
        rows.append("<th scope=\"col\">").append(head).append("</th>");
    }

    private void row(StringBuilder rows, Rounds result) {
        rows.append("<tr class=\"").append(result.transport()).append("\"><th scope=\"row\">");
        rows.append(result.transport().label())
                .append("</th><td>")
                .append(Figures.whole(result.sum(Result::delivered)))
                .append("</td>");
        for (long bad : new long[] {
            result.faults(Result::lost), result.faults(Result::doubled), result.faults(Result::outOfOrder)
        }) {
            rows.append(bad == 0 ? "<td>" : "<td class=\"bad\">")
                    .append(Figures.whole(bad))
                    .append("</td>");
        }
        for (Column column : Column.ALL) {
            rows.append("<td>").append(column.median(result));
            if (report.rounds() > 1) {
                rows.append("<br><small>").append(range(column.least(result), column.most(result)));
                rows.append("</small>");
            }
            rows.append("</td>");
        }
        rows.append("</tr>");
    }

    private static String range(String least, String most) {
        return least.equals(most) ? least : least + " to " + most;
    }

    private String facts() {
        Machine machine = report.machine();
        String where = report.isLocal() ? ", shared by client and server" : " (the client's)";
        return term("Processor", machine.processor() + ", " + machine.cores() + " processors" + where)
                + term("Memory", machine.memoryText())
                + term("System", machine.system())
                + term("Java", machine.java())
                + term("Date", machine.date().toString().replace('T', ' ').replace("Z", " UTC"))
                + term("Stalls", report.stalls())
                + term("Log", report.log());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
