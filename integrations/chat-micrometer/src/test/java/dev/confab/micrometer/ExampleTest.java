package dev.confab.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.Routes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example of docs/metrics.md is compiled, and runs. */
final class ExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/confab/micrometer/ExampleTest.java");
    private static final Path PAGE = Path.of("../../docs/metrics.md");

    @Test
    void theExampleIsTheCodeOfThisTest() throws IOException {
        String code = between(Files.readString(SOURCE), "// example:" + "begin\n", "        // example:" + "end\n")
                .lines()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(between(Files.readString(PAGE), "<!-- metrics:example -->\n```java\n", "```\n"))
                .isEqualTo(code);
    }

    @Test
    void theExampleMeasuresServiceAndServer() {
        var registry = new SimpleMeterRegistry();
        var store = new InMemoryMessageStore();
        var serverConfig = ChatServerConfig.defaults().withAddress("127.0.0.1", 0);
        // example:begin
        var chatMetrics = new ChatMetrics(registry);
        var chat = new ChatService(store, ChatConfig.defaults().withListener(chatMetrics));
        chatMetrics.bindTo(chat);

        var routes = Routes.of(new HealthHandler(chat));
        var serverMetrics = new ServerMetrics(registry);
        serverMetrics.bindTo(routes);
        var server = ChatServer.start(serverConfig.withListener(serverMetrics), routes);
        serverMetrics.bindTo(server);
        // example:end
        server.close();
        chat.close();
        assertThat(registry.get("confab.queue").gauge().value()).isZero();
        assertThat(registry.get("confab.connections").gauge().value()).isZero();
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        assertThat(from).as(start).isNotNegative();
        int to = text.indexOf(end, from + start.length());
        assertThat(to).as(end).isNotNegative();
        return text.substring(from + start.length(), to);
    }
}
