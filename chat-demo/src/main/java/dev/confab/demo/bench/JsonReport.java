package dev.confab.demo.bench;

import java.io.StringWriter;
import java.util.List;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** A report in JSON, for programs. docs/benchmark.md describes the fields. */
final class JsonReport {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
    private static final String[] PERCENTILE_NAMES = {"p50", "p90", "p99", "p99_9", "max"};

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
        json.writeNumberProperty("idleConnections", report.load().idle());
        json.writeArrayPropertyStart("results");
        for (Result result : report.results()) {
            result(result, report.findings(result));
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
                json.writeNumberProperty("deliveriesPerSecond", step.result().deliveriesPerSecond());
                latency("latencyMillis", step.result().latency());
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
    }

    private void result(Result result, List<String> findings) {
        json.writeStartObject();
        json.writeStringProperty("transport", result.transport().toString());
        json.writeNumberProperty("published", result.sent());
        json.writeNumberProperty("acknowledged", result.acknowledged());
        json.writeNumberProperty("refused", result.refused());
        json.writeNumberProperty("expected", result.expected());
        json.writeNumberProperty("delivered", result.delivered());
        json.writeNumberProperty("lost", result.lost());
        json.writeNumberProperty("doubled", result.doubled());
        json.writeNumberProperty("outOfOrder", result.outOfOrder());
        json.writeNumberProperty("connectionsLost", result.connectionsLost());
        json.writeNumberProperty("deliveriesPerSecond", result.deliveriesPerSecond());
        latency("latencyMillis", result.latency());
        latency("publishMillis", result.publishLatency());
        latency("sendLagMillis", result.sendLag());
        use(result.use());
        json.writeArrayPropertyStart("seconds");
        result.seconds().forEach(this::second);
        json.writeEndArray();
        json.writeArrayPropertyStart("findings");
        findings.forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void use(Result.Use use) {
        optional("serverCpuMicrosPerDelivery", use.serverMicros());
        optional("serverCores", use.serverCores());
        json.writeNumberProperty("clientCores", use.clientCores());
        number("otherCores", use.otherCores());
        json.writeNumberProperty("clientBusiestThread", use.busiestThread());
        json.writeNumberProperty("bytesReceivedPerDelivery", use.received());
        json.writeNumberProperty("bytesSentPerDelivery", use.sent());
        optional("heapBytesPerIdleConnection", use.idleHeap());
        optional("residentBytesPerIdleConnection", use.idleResident());
    }

    private void second(Result.Second second) {
        json.writeStartObject();
        json.writeNumberProperty("end", second.end());
        json.writeNumberProperty("deliveriesPerSecond", second.deliveries());
        number("p50Millis", second.p50());
        number("p99Millis", second.p99());
        number("maxMillis", second.max());
        json.writeEndObject();
    }

    private void latency(String name, Histogram micros) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("count", micros.getTotalCount());
        for (int i = 0; i < PERCENTILES.length; i++) {
            number(PERCENTILE_NAMES[i], Result.millis(micros, PERCENTILES[i]));
        }
        json.writeEndObject();
    }

    private void optional(String name, OptionalDouble value) {
        number(name, value.orElse(Double.NaN));
    }

    /** Writes a number; as JSON has no NaN, null stands for a missing value. */
    private void number(String name, double value) {
        if (Double.isNaN(value)) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, value);
        }
    }
}
