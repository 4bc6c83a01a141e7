package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Retention;
import dev.confab.netty.IoTransport;
import dev.confab.netty.LimitsConfig;
import dev.confab.netty.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of the metrics and health checks of a node, and of their documentation. */
@Timeout(60)
final class OperationsTest {
    private static final List<String> PATHS = List.of("/metrics", "/health/live", "/health/ready");

    private static final Pattern SAMPLE = Pattern.compile("(confab_[a-z_]+)(?:\\{([^}]*)})? \\S+");

    @Test
    void theMainPortServesThePathsIfThereIsNoOther() {
        try (Node node = Node.start(NodeConfig.inMemory());
                RawHttp client = new RawHttp(node.port())) {
            for (String path : PATHS) {
                assertThat(client.get(path).read().status()).as(path).isEqualTo(200);
            }
            assertThat(client.get("/health").read().body()).isEqualTo("{\"status\":\"ok\"}");
        }
    }

    @Test
    void theManagementPortServesThePathsAloneIfThereIsOne() {
        try (Node node = Node.start(NodeConfig.inMemory().withManagementPort(0));
                RawHttp client = new RawHttp(node.port());
                RawHttp operator = new RawHttp(node.managementPort())) {
            for (String path : PATHS) {
                assertThat(operator.get(path).read().status()).as(path).isEqualTo(200);
                assertThat(client.get(path).read().status()).as(path).isEqualTo(404);
            }
            assertThat(client.get("/health").read().status()).isEqualTo(200);
            assertThat(operator.get("/messages").read().status()).isEqualTo(404);
        }
    }

    @Test
    void aNodeThatDrainsIsLiveAndNotReady() throws InterruptedException {
        NodeConfig memory = NodeConfig.inMemory();
        NodeConfig config = new NodeConfig(
                memory.host(),
                0,
                0,
                memory.databaseUrl(),
                Transport.SERVED,
                Retention.FOREVER,
                Duration.ofMinutes(10),
                Notifications.DEFAULT,
                List.of(),
                List.of(),
                LimitsConfig.defaults(),
                IoTransport.AUTO,
                false,
                null);
        Node node = Node.start(config);
        Thread closing = new Thread(node::close);
        try (RawHttp operator = new RawHttp(node.managementPort())) {
            closing.start();
            RawHttp.Response ready = operator.get("/health/ready").read();
            while (ready.status() == 200) {
                ready = operator.get("/health/ready").read();
            }
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.body()).isEqualTo("{\"status\":\"draining\"}");
            assertThat(operator.get("/health/live").read().status()).isEqualTo(200);
        } finally {
            // The drain delay is longer than any pause of the machine, and this ends it.
            closing.interrupt();
            closing.join();
        }
    }

    @Test
    void aPublishIsInTheNextScrape() {
        try (Node node = Node.start(NodeConfig.inMemory());
                RawHttp client = new RawHttp(node.port())) {
            assertThat(client.post("/messages", "application/json", "{\"body\":\"hello\"}")
                            .read()
                            .status())
                    .isEqualTo(201);
            RawHttp.Response scrape = client.get("/metrics").read();
            assertThat(scrape.header("content-type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
            assertThat(scrape.body().lines())
                    .contains("confab_publish_seconds_count{outcome=\"stored\"} 1", "confab_connections 1.0");
        }
    }

    @Test
    void theDocumentedMetersAreThoseOfAScrape() throws IOException {
        Map<String, Set<String>> documented = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
            if (line.startsWith("| `confab.") && line.contains("`confab_")) {
                String[] cells = line.split("\\|");
                documented.put(name(cells[2]), tags(cells[5]));
            }
        }
        Map<String, Set<String>> scraped = new TreeMap<>();
        for (Map.Entry<String, Set<String>> sample : samples().entrySet()) {
            String family = sample.getKey().replaceFirst("_(max|count|sum|bucket)$", "");
            scraped.computeIfAbsent(family, f -> new TreeSet<>()).addAll(sample.getValue());
        }
        scraped.values().forEach(tags -> tags.remove("le"));
        assertThat(documented).isEqualTo(scraped);
    }

    @Test
    void theDashboardUsesMetersOfAScrape() throws IOException {
        String dashboard = Files.readString(Path.of("../docs/grafana/confab.json"));
        Set<String> used = new TreeSet<>();
        Matcher name = Pattern.compile("confab_[a-z_]+").matcher(dashboard);
        while (name.find()) {
            used.add(name.group());
        }
        assertThat(used).hasSizeGreaterThan(20);
        assertThat(samples().keySet()).containsAll(used);
    }

    /** Returns the names of the samples of a scrape, each with its tags. */
    private static Map<String, Set<String>> samples() {
        Map<String, Set<String>> samples = new TreeMap<>();
        try (Node node = Node.start(NodeConfig.inMemory());
                RawHttp client = new RawHttp(node.port())) {
            for (String line : client.get("/metrics").read().body().lines().toList()) {
                Matcher sample = SAMPLE.matcher(line);
                if (sample.matches()) {
                    Set<String> tags = samples.computeIfAbsent(sample.group(1), n -> new TreeSet<>());
                    Matcher tag =
                            Pattern.compile("([a-z_]+)=\"").matcher(sample.group(2) == null ? "" : sample.group(2));
                    while (tag.find()) {
                        tags.add(tag.group(1));
                    }
                }
            }
        }
        return samples;
    }

    private static String name(String cell) {
        return cell.strip().replace("`", "");
    }

    private static Set<String> tags(String cell) {
        return Pattern.compile(",")
                .splitAsStream(cell)
                .map(OperationsTest::name)
                .filter(tag -> !tag.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
