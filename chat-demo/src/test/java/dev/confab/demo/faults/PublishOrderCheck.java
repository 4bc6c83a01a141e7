package dev.confab.demo.faults;

import dev.confab.demo.NodeScript;
import dev.confab.demo.ServerProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The order of one connection's messages while PostgreSQL stands still for 11 s, one more than a publish may take. Run by the
 * profile {@code clients}; {@code -Dconfab.js=FILE} has it use another confab.js, such as an older one.
 */
final class PublishOrderCheck {
    private static final long AWAY_SECONDS = 11;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void messagesKeepTheirOrderWhileTheStoreIsAway(String transport) {
        try (PostgresProcess postgres = new PostgresProcess(folder.resolve("postgres"));
                ServerProcess server = new ServerProcess(
                        Map.of(),
                        "serve",
                        "--port",
                        "0",
                        "--database-url",
                        "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres?user=postgres")) {
            String url = "http://127.0.0.1:" + server.port();
            String client = System.getProperty("confab.js", "");
            String[] script = client.isEmpty()
                    ? new String[] {"order.mjs", url, transport}
                    : new String[] {"order.mjs", url, transport, client};
            NodeScript.run(20, line -> stopAfter(line, postgres), script);
        }
    }

    /** The script goes on publishing while this stands still with the database. */
    private static void stopAfter(String line, PostgresProcess postgres) {
        if (line.equals("published 7")) {
            postgres.freeze();
            try {
                TimeUnit.SECONDS.sleep(AWAY_SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            } finally {
                postgres.thaw();
            }
        }
    }
}
