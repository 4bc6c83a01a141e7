package dev.confab.demo.bench;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** A report in JSON, for programs. docs/benchmark.md describes the fields. */
final class JsonReport {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final Map<String, Double> PERCENTILES = new LinkedHashMap<>();
    private static final Map<String, ToDoubleFunction<Result.Use>> USE = new LinkedHashMap<>();

    static {
        PERCENTILES.put("p50", 50.0);
        PERCENTILES.put("p90", 90.0);
        PERCENTILES.put("p99", 99.0);
        PERCENTILES.put("p99_9", 99.9);
        PERCENTILES.put("max", 100.0);
        USE.put("serverCpuMicrosPerDelivery", Result.Use::serverMicros);
        USE.put("serverCores", Result.Use::serverCores);
        USE.put("clientCores", Result.Use::clientCores);
        USE.put("otherCores", Result.Use::otherCores);
        USE.put("clientBusiestThread", Result.Use::busiestThread);
        USE.put("bytesReceivedPerDelivery", Result.Use::received);
        USE.put("bytesSentPerDelivery", Result.Use::sent);
        USE.put("heapBytesPerIdleConnection", use -> use.idle().heap());
        USE.put("residentBytesPerIdleConnection", use -> use.idle().resident());
    }

    private final StringWriter text = new StringWriter();
    private final JsonGenerator json = FACTORY.createGenerator(
            new ObjectWriteContext.Base() {
                @Override
                public PrettyPrinter getPrettyPrinter() {
                    return new DefaultPrettyPrinter();
                }
            },
            text);

    private JsonReport() {}

    static String of(Report report) {
        return new JsonReport().write(report);
    }

    static String of(Sweep.Report sweep) {
        return new JsonReport().write(sweep);
    }

    private String write(Report report) {
        json.writeStartObject();
        head(report.command(), report.machine(), report.log(), report.nodes(), report.load());
        json.writeNumberProperty("rate", report.load().rate());
        json.writeNumberProperty("warmupSeconds", report.load().warmUpSeconds());
        json.writeNumberProperty("durationSeconds", report.load().seconds());
        json.writeNumberProperty("rounds", report.rounds());
        json.writeNumberProperty("idleConnections", report.load().idle());
        json.writeArrayPropertyStart("results");
        for (Rounds rounds : report.results()) {
            result(rounds, report.findings(rounds));
        }
        json.writeEndArray();
        return end();
    }

    private String write(Sweep.Report sweep) {
        json.writeStartObject();
        head(sweep.command(), sweep.machine(), sweep.log(), sweep.nodes(), sweep.load());
        json.writeNumberProperty("limitMillis", sweep.limitMillis());
        json.writeArrayPropertyStart("results");
        for (Sweep.Found found : sweep.found()) {
            json.writeStartObject();
            json.writeStringProperty("transport", found.transport().toString());
            json.writeNumberProperty(
                    "highestRate",
                    found.passed() == null ? 0 : found.passed().load().rate());
            json.writeArrayPropertyStart("steps");
            for (Sweep.Step step : found.steps()) {
                json.writeStartObject();
                json.writeNumberProperty("rate", step.result().load().rate());
                json.writeBooleanProperty("passed", step.failure() == null);
                if (step.failure() != null) {
                    json.writeStringProperty("failure", step.failure());
                }
                Rounds round = Rounds.of(step.result());
                median("deliveriesPerSecond", round.spread(Result::deliveriesPerSecond));
                latency("latencyMillis", round, Result::latency, this::median);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        return end();
    }

    private String end() {
        json.writeEndObject();
        json.close();
        return text + System.lineSeparator();
    }

    private void head(String command, Machine machine, String log, int nodes, Load load) {
        json.writeStringProperty("command", command);
        json.writeObjectPropertyStart("machine");
        json.writeStringProperty("processor", machine.processor());
        json.writeNumberProperty("cores", machine.cores());
        json.writeNumberProperty("memoryBytes", machine.memory());
        json.writeStringProperty("system", machine.system());
        json.writeStringProperty("java", machine.java());
        json.writeStringProperty("date", machine.date().toString());
        json.writeEndObject();
        json.writeStringProperty("log", log);
        json.writeNumberProperty("nodes", nodes);
        json.writeNumberProperty("subscribers", load.subscribers());
        json.writeNumberProperty("rooms", load.rooms());
        json.writeNumberProperty("payloadBytes", load.payload());
        json.writeNumberProperty("publishers", load.publishers());
        json.writeStringProperty("heads", load.heads().toString());
    }

    private void result(Rounds rounds, List<String> findings) {
        json.writeStartObject();
        json.writeStringProperty("transport", rounds.transport().toString());
        counts(rounds);
        figures(rounds, this::median);
        json.writeObjectPropertyStart("range");
        figures(rounds, this::range);
        json.writeEndObject();
        seconds(rounds);
        json.writeArrayPropertyStart("byRound");
        for (int i = 0; i < rounds.results().size(); i++) {
            round(i + 1, rounds.results().get(i));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("repeated");
        rounds.repeated().forEach(repeated -> round(repeated.round(), repeated.result()));
        json.writeEndArray();
        json.writeArrayPropertyStart("findings");
        findings.forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void round(int number, Result result) {
        Rounds round = Rounds.of(result);
        json.writeStartObject();
        json.writeNumberProperty("round", number);
        counts(round);
        figures(round, this::median);
        json.writeEndObject();
    }

    private void counts(Rounds rounds) {
        json.writeNumberProperty("published", rounds.sum(Result::sent));
        json.writeNumberProperty("acknowledged", rounds.sum(Result::acknowledged));
        json.writeNumberProperty("refused", rounds.sum(Result::refused));
        json.writeNumberProperty("expected", rounds.sum(Result::expected));
        json.writeNumberProperty("delivered", rounds.sum(Result::delivered));
        json.writeNumberProperty("lost", rounds.faults(Result::lost));
        json.writeNumberProperty("doubled", rounds.faults(Result::doubled));
        json.writeNumberProperty("outOfOrder", rounds.faults(Result::outOfOrder));
        json.writeNumberProperty("connectionsLost", rounds.faults(Result::connectionsLost));
    }

    /** @param write writes the median or the range of a figure under a name */
    private void figures(Rounds rounds, BiConsumer<String, Spread> write) {
        write.accept("deliveriesPerSecond", rounds.spread(Result::deliveriesPerSecond));
        latency("latencyMillis", rounds, Result::latency, write);
        latency("publishMillis", rounds, Result::publishLatency, write);
        latency("sendLagMillis", rounds, Result::sendLag, write);
        latency("wakeUpMillis", rounds, result -> result.stalls().late(), write);
        write.accept("stolenShare", rounds.spread(result -> result.stalls().stolenShare()));
        USE.forEach((name, figure) -> write.accept(name, rounds.spread(result -> figure.applyAsDouble(result.use()))));
    }

    private void latency(
            String name, Rounds rounds, Function<Result, Histogram> micros, BiConsumer<String, Spread> write) {
        json.writeObjectPropertyStart(name);
        write.accept("count", rounds.spread(result -> micros.apply(result).getTotalCount()));
        PERCENTILES.forEach((percentile, value) ->
                write.accept(percentile, rounds.spread(result -> Result.millis(micros.apply(result), value))));
        json.writeEndObject();
    }

    /** Writes the measured seconds of all rounds, one round after the other. */
    private void seconds(Rounds rounds) {
        json.writeArrayPropertyStart("seconds");
        for (Result.Second second : rounds.seconds(Result::seconds)) {
            json.writeStartObject();
            json.writeNumberProperty("end", second.end());
            json.writeNumberProperty("deliveriesPerSecond", second.deliveries());
            number("p50Millis", second.p50());
            number("p99Millis", second.p99());
            number("maxMillis", second.max());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void median(String name, Spread spread) {
        number(name, spread.median());
    }

    private void range(String name, Spread spread) {
        json.writeArrayPropertyStart(name);
        if (!Double.isNaN(spread.median())) {
            json.writeNumber(spread.least());
            json.writeNumber(spread.most());
        }
        json.writeEndArray();
    }

    /** Writes a number; as JSON has no NaN, null stands for a missing value. */
    private void number(String name, double value) {
        if (Double.isNaN(value)) {
            json.writeNullProperty(name);
        } else if (value == Math.rint(value)) {
            json.writeNumberProperty(name, (long) value);
        } else {
            json.writeNumberProperty(name, value);
        }
    }
}
