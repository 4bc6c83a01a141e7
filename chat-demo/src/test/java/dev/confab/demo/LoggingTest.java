package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the log of {@code serve}. */
final class LoggingTest {
    @TempDir
    Path directory;

    @Test
    void aLineHasTheTimeTheLevelTheClassAndTheMessage() {
        assertThat(start())
                .hasSize(2)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)"
                        + " INFO [A-Z][A-Za-z]+ - [A-Za-z].*"));
    }

    @Test
    void aLineIsAnObjectOfJson() {
        List<String> lines = start("--log-format", "JSON");
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            JsonObject object = JsonParser.parseString(line).getAsJsonObject();
            assertThat(object.keySet())
                    .containsExactlyInAnyOrder(
                            "timestamp", "level", "threadName", "loggerName", "formattedMessage", "throwable");
            assertThat(object.get("level").getAsString()).isEqualTo("INFO");
            assertThat(object.get("loggerName").getAsString()).startsWith("dev.confab.");
        }
        assertThat(lines.get(0)).contains("\"formattedMessage\":\"Tables created, version ");
    }

    @Test
    void theLevelDecidesWhatIsLogged() {
        assertThat(start("--log-level", "warn")).isEmpty();
        assertThat(start("--log-level", "debug")).anyMatch(line -> line.contains(" DEBUG "));
    }

    @Test
    void anUnknownLevelOrFormatIsReported() {
        for (String option : List.of("--log-level", "--log-format")) {
            try (ServerProcess server = new ServerProcess(Map.of(), "serve", option, "loud")) {
                assertThat(server.status()).isEqualTo(2);
                assertThat(server.err().lines()).singleElement().asString().contains(option);
            }
        }
    }

    /** Starts and stops a server with a new database, and returns the lines on its standard error. */
    private List<String> start(String... options) {
        try (ServerProcess server = ServerProcess.in(directory, Map.of(), with(options))) {
            server.port();
            server.terminate();
            assertThat(server.status()).isZero();
            return server.err().lines().toList();
        }
    }

    private static String[] with(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "serve";
        all[1] = "--port";
        all[2] = "0";
        System.arraycopy(options, 0, all, 3, options.length);
        return all;
    }
}
